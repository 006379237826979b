import { callComponent } from './componentCalls'
import type { LiveView } from './types'

/** Stands for the hosts that belong to no business. */
export const POOL = 0
export const HOSTS_A_PAGE = 50

export interface Business {
  bk_biz_id: number
  bk_biz_name: string
}
export interface TopologyNode {
  bk_obj_id: 'biz' | 'set' | 'module'
  bk_inst_id: number
  bk_inst_name: string
  child: TopologyNode[]
}
export interface InternalModules {
  bk_set_id: number
  module: { bk_module_id: number; bk_module_name: string; default: number }[]
}
export interface NodeCount {
  bk_obj_id: 'biz' | 'set' | 'module'
  bk_inst_id: number
  host_count: number
}
export interface Attribute {
  id: number
  bk_property_id: string
  bk_property_name: string
  bk_property_type: string
  ispre: boolean
  isrequired: boolean
  editable: boolean
  bk_asst_obj_id: string
  option: { id: string; name: string }[] | { min?: number; max?: number } | null
  unit: string
}
export interface NewAttribute {
  bk_obj_id: string
  bk_property_id: string
  bk_property_name: string
  bk_property_type: string
  isrequired: boolean
  option?: { id: string; name: string }[]
  bk_asst_obj_id?: string
}
export type Host = Record<string, unknown> & { bk_host_id: number; bk_host_innerip: string }
export interface FieldRule {
  field: string
  operator: string
  value?: unknown
}
export interface PropertyFilter {
  condition: 'AND' | 'OR'
  rules: (FieldRule | PropertyFilter)[]
}
export interface HostQuery {
  business: number
  set?: number
  module?: number
  filter: PropertyFilter | null
  start: number
  sort: string
}
export interface Relation {
  bk_host_id: number
  bk_set_id: number
  bk_module_id: number
}
export interface Operation {
  id: string
  user: string
  action: 'create' | 'update' | 'delete' | 'transfer_host_module'
  operation_time: string
  operation_detail: { details: { pre_data: Record<string, unknown>; cur_data: Record<string, unknown> } }
}
export interface Origin {
  source_id: string
  source_name: string
  first_seen: string
  last_seen: string
  missing_since: string | null
}
export interface RefusedRow {
  row: number
  field: string
  problem: string
  remedy: string
}
export interface Counts {
  created: number
  changed: number
  same: number
  refused: number
}
export interface PlannedHost {
  row: number
  action: 'create' | 'change' | 'same'
  bk_host_innerip: string
  changes: { field: string; before: unknown; after: unknown }[]
  place: string[]
}
export interface ImportPreview {
  counts: Counts
  digest: string
  hosts: PlannedHost[]
  refused: RefusedRow[]
  ignored_columns: string[]
}
export interface HostFile {
  bk_biz_id: number
  file_name: string
  content: string
}
export type ExportFormat = 'csv' | 'xlsx' | 'json'
export interface ExportedFile {
  file_name: string
  media_type: string
  content: string
}
export type Destination =
  | { kind: 'modules'; modules: number[]; add: boolean }
  | { kind: 'idle' | 'fault' | 'recycle' | 'pool' }
  | { kind: 'business'; business: number }

interface Listed<Item> {
  count: number
  info: Item[]
}

/** Businesses whose name has a text in it, the first of them. */
export async function searchBusinesses(system: string, name: string): Promise<Business[]> {
  const filter = name === '' ? {} : { biz_property_filter: { condition: 'AND', rules: [{ field: 'bk_biz_name', operator: 'contains', value: name }] } }
  const found = await callComponent<Listed<Business>>(system, 'search_business', { ...filter, fields: ['bk_biz_id', 'bk_biz_name'], page: { start: 0, limit: 50, sort: 'bk_biz_name' } })
  return found.info
}
export async function readTopology(system: string, bk_biz_id: number): Promise<{ root: TopologyNode; internal: InternalModules; counts: NodeCount[] }> {
  const [roots, internal, counts] = await Promise.all([
    callComponent<TopologyNode[]>(system, 'search_biz_inst_topo', { bk_biz_id, level: -1 }),
    callComponent<InternalModules>(system, 'get_biz_internal_module', { bk_biz_id }),
    // BlueKing's own inventory doesn't count.
    callComponent<NodeCount[]>(system, 'count_hosts_by_topo', { bk_biz_id }).catch(() => []),
  ])
  const root = roots[0]
  if (root === undefined) throw new Error('The business has no topology')
  return { root, internal, counts }
}
export function listAttributes(system: string, bk_obj_id: string): Promise<Attribute[]> {
  return callComponent(system, 'search_object_attribute', { bk_obj_id })
}
export function hostAttributes(system: string): Promise<Attribute[]> {
  return listAttributes(system, 'host')
}
export function createAttribute(system: string, attribute: NewAttribute): Promise<{ id: number } & Partial<LiveView>> {
  return callComponent(system, 'create_object_attribute', attribute)
}
/** Its values go with it. */
export function deleteAttribute(system: string, id: number): Promise<Partial<LiveView>> {
  return callComponent(system, 'delete_object_attribute', { id })
}
export function updateHost(system: string, bk_host_id: number, data: Record<string, unknown>): Promise<Partial<LiveView>> {
  return callComponent(system, 'update_host', { bk_host_id, data })
}
export function listHosts(system: string, query: HostQuery): Promise<Listed<Host>> {
  const asked = { page: { start: query.start, limit: HOSTS_A_PAGE, sort: query.sort }, ...narrowed(query.filter) }
  if (query.business === POOL) return callComponent(system, 'list_hosts_without_biz', asked)
  const place = { ...(query.set === undefined ? {} : { bk_set_ids: [query.set] }), ...(query.module === undefined ? {} : { bk_module_ids: [query.module] }) }
  return callComponent(system, 'list_biz_hosts', { ...asked, ...place, bk_biz_id: query.business })
}
export function placesOf(system: string, bk_host_id: number): Promise<Relation[]> {
  return callComponent(system, 'find_host_biz_relations', { bk_host_id: [bk_host_id] })
}
export function originsOf(system: string, bk_host_id: number): Promise<Origin[]> {
  return callComponent(system, 'list_host_origins', { bk_host_ids: [bk_host_id] })
}
export async function historyOf(system: string, bk_host_id: number): Promise<Operation[]> {
  const condition = { resource_type: 'host', resource_id: bk_host_id }
  return (await callComponent<Listed<Operation>>(system, 'list_operation_audit', { condition, page: { start: 0, limit: 100 } })).info
}
export function transferHosts(system: string, bk_biz_id: number, bk_host_id: number[], to: Destination): Promise<unknown> {
  const asked = { bk_biz_id, bk_host_id }
  switch (to.kind) {
    case 'modules': return callComponent(system, 'transfer_host_module', { ...asked, bk_module_id: to.modules, is_increment: to.add })
    case 'business': return callComponent(system, 'transfer_resourcehost_to_idlemodule', { bk_biz_id: to.business, bk_host_id })
    case 'pool': return callComponent(system, 'transfer_host_to_resourcemodule', asked)
    default: return callComponent(system, `transfer_host_to_${to.kind}module`, asked)
  }
}
export function previewImport(system: string, file: HostFile): Promise<ImportPreview> {
  return callComponent(system, 'preview_host_import', { ...file })
}
/** Does what the preview with that digest showed, or nothing. */
export function importHosts(system: string, file: HostFile, expected: string, skip_refused: boolean): Promise<{ counts: Counts }> {
  return callComponent(system, 'import_hosts', { ...file, expected, skip_refused })
}
export function exportHosts(system: string, business: number, format: ExportFormat, filter: PropertyFilter | null, hosts: number[]): Promise<ExportedFile> {
  return callComponent(system, 'export_hosts', { format, bk_host_ids: hosts, ...narrowed(filter), ...(business === POOL ? {} : { bk_biz_id: business }) })
}

function narrowed(filter: PropertyFilter | null): { host_property_filter?: PropertyFilter } {
  return filter === null ? {} : { host_property_filter: filter }
}

export interface ImportSource {
  id: string
  name: string
  kind: 'netbox' | 'ssh'
  bk_biz_id: number
  every_minutes: number | null
  vanished: 'leave' | 'mark' | 'recycle'
  enabled: boolean
  running: boolean
  next_run_time: string | null
}
export interface ImportRun {
  id: string
  source_name: string
  state: 'running' | 'finished' | 'failed' | 'broken_off'
  counts: Counts & { vanished: number }
  problems: RefusedRow[]
  problem: string
  started_by: string
  started_time: string
}
export interface NewSource {
  name: string
  kind: ImportSource['kind']
  bk_biz_id: number
  netbox?: { url: string }
  ssh?: { addresses: string[]; username: string; known_hosts: string; accept_new_host_keys: boolean }
  secret: { token?: string; password?: string; private_key?: string }
  every_minutes: number | null
  vanished: ImportSource['vanished']
}

export function listSources(system: string): Promise<ImportSource[]> {
  return callComponent(system, 'list_import_sources', {})
}
export function createSource(system: string, source: NewSource): Promise<{ id: string }> {
  return callComponent(system, 'create_import_source', source)
}
export function switchSource(system: string, id: string, enabled: boolean): Promise<unknown> {
  return callComponent(system, 'update_import_source', { id, enabled })
}
export function deleteSource(system: string, id: string): Promise<unknown> {
  return callComponent(system, 'delete_import_source', { id })
}
export function runSource(system: string, id: string): Promise<unknown> {
  return callComponent(system, 'run_import_source', { id })
}
/** Imports of files and of sources, the youngest first. */
export async function listRuns(system: string): Promise<ImportRun[]> {
  return (await callComponent<Listed<ImportRun>>(system, 'list_import_runs', { limit: 20 })).info
}
