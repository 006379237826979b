/** Shapes of the management API that the console reads and writes. */

/** A text in the languages its author gave. */
export type Localized = string | { en?: string; zh?: string }
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = Record<string, unknown>
/** A JSON Schema (2020-12); read loosely, since systems bring their own. */
export type JsonSchema = Record<string, unknown>

export interface Page<T> {
  items: T[]
  next: string | null
}

export type ProjectRole = 'owner' | 'maintainer' | 'developer' | 'operator' | 'viewer' | 'auditor'

export interface SessionUser {
  username: string
  display_name: string
  is_admin: boolean
  language: string | null
  /** Roles on the platform besides administrator: registrar, publisher, auditor. */
  platform_roles?: string[]
}
export interface SessionProject {
  id: string
  code: string
  name: string
  roles: ProjectRole[]
}
export interface SessionView {
  user: SessionUser
  projects: SessionProject[]
  csrf_token: string
}
export interface ProjectView {
  id: string
  code: string
  name: string
  description: string
  service_app_code: string
  created_at: string
}

export interface StageView {
  name: string
  release: string | null
  upstream_url: string
  signing: string
}
export interface SystemView {
  name: string
  title: string
  description: string
  aliases: string[]
  owner: string
  stages: StageView[]
  components_count: number
}
/** A parameter outside the body. */
export interface ComponentParameter {
  name: string
  in: string
  required?: boolean
  schema?: JsonSchema
  description?: string
}
export interface ComponentView {
  name: string
  method: string
  path: string
  title: string
  description: string
  scopes: string[]
  request_schema: JsonSchema | null
  response_schema: JsonSchema | null
  parameters?: ComponentParameter[]
}
export interface ReleaseView {
  version: string
  components_count?: number
  created_by?: string
  created_at?: string
}
export interface SystemImport {
  document: JsonObject
  name: string
  aliases?: string[]
  upstream_url: string
  signing?: string
  envelope?: boolean
  owner?: string
}
export interface ImportedSystem {
  system: string
  release: string
  stage: string
  components: number
  revision: number
  live: boolean
}

export interface AppView {
  app_code: string
  name: string
  description: string
  owner: string | null
  project_id: string | null
  enabled: boolean
  created_at: string
}
export interface AppCreated extends AppView {
  app_secret: string
}
export interface AppSecretView {
  id: string
  created_by: string
  created_at: string
}
export interface AppSecretCreated extends AppSecretView {
  app_secret: string
}

export type GrantState = 'applied' | 'approved' | 'refused' | 'revoked' | 'expired'
export interface GrantView {
  id: string
  app_code: string
  system: string
  component: string | null
  state: GrantState
  reason: string
  applied_by: string
  decided_by: string | null
  expires_at: string | null
  days?: number | null
  applied_at?: string
  decided_at?: string | null
  comment?: string
}
export interface GrantApplication {
  app_code: string
  system: string
  components: string[] | null
  reason: string
  days: number | null
}

export interface AuditEntry {
  id: string
  at: string
  actor: string
  on_behalf_of: string | null
  action: string
  resource_kind: string
  resource_id: string
  before: unknown
  after: unknown
  request_id: string
  ip: string | null
}

/** Form model: JSON Forms' schema and UI schema with the texts of other languages by key. */
export interface FormModel {
  schema: JsonSchema
  uischema?: JsonObject | null
  i18n?: Record<string, Record<string, string>> | null
}

export interface ScopeNeed {
  scope: string
  reason: Localized
}
export interface PluginView {
  code: string
  name: Localized
  description: Localized
  latest_version: string
  tags: string[]
  publisher: string
  installs: number
  versions: { version: string; digest: string; published_at: string; published_by: string }[]
}
export interface PluginVersionView {
  code: string
  version: string
  digest: string
  name: Localized
  description: Localized
  kind: string
  inputs: JsonSchema
  outputs: JsonSchema
  form: FormModel | null
  scopes: ScopeNeed[]
  readme: string
  changelog: string
  published_at: string
  published_by: string
}
export interface InstallView {
  plugin: string
  version: string
  scopes: string[]
  installed_by: string
  installed_at: string
  grants: Pick<GrantView, 'id' | 'app_code' | 'system' | 'component' | 'state' | 'expires_at'>[]
}

export type NodeKind = 'start' | 'end' | 'plugin' | 'exclusive' | 'parallel' | 'join'
export interface FlowNode {
  id: string
  kind: NodeKind
  name?: string
  plugin?: string
  version?: string
  inputs?: JsonObject
  retryable?: boolean
  skippable?: boolean
}
export interface FlowEdge {
  id: string
  source: string
  target: string
  condition?: string | null
  name?: string | null
  default?: boolean
}
export interface FlowDefinition {
  nodes: FlowNode[]
  edges: FlowEdge[]
  form?: FormModel | null
  outputs?: Record<string, unknown>
  layout?: Record<string, { x: number; y: number }>
}
export interface FlowView {
  id: string
  project_id: string
  name: string
  description: string
  draft_version: number
  latest_revision: number | null
  updated_at: string
}
export interface FlowDraft {
  definition: FlowDefinition
  draft_version: number
}
export interface FlowProblem {
  rule: string
  node_id: string | null
  edge_id: string | null
  field: string | null
  message: string
  remedy: string | null
  /** Whether it stands in the way of publication; the others are advice. */
  blocking: boolean
}
export interface RevisionSummary {
  flow_id: string
  number: number
  scopes: string[]
  comment: string
  published_by: string
  published_at: string
}
export interface RevisionView extends RevisionSummary {
  definition: FlowDefinition
}

export interface LaunchableFlow {
  flow_id: string
  project: { id: string; code: string; name: string }
  name: string
  description: string
  revision: number
}
export interface LaunchForm {
  flow_id: string
  revision: number
  name: string
  description: string
  form: FormModel
}

export type TaskState = 'CREATED' | 'RUNNING' | 'SUSPENDED' | 'FAILED' | 'FINISHED' | 'REVOKED'
export type NodeState =
  | 'PENDING'
  | 'RUNNING'
  | 'POLLING'
  | 'WAITING_CALLBACK'
  | 'FINISHED'
  | 'FAILED'
  | 'SKIPPED'
  | 'NOT_TAKEN'

export interface NodeView {
  node_id: string
  state: NodeState
  attempt: number
  started_at: string | null
  finished_at: string | null
  error: string | null
}
export interface TaskSummary {
  id: string
  flow_id: string
  flow_name: string
  revision: number
  project_id: string
  name: string
  state: TaskState
  created_by: string
  created_at: string
  started_at: string | null
  finished_at: string | null
}
export interface TaskView extends TaskSummary {
  inputs: JsonObject
  outputs: JsonObject | null
  definition: FlowDefinition
  nodes: Record<string, NodeView>
}
export interface NodeCall {
  idempotency_key: string | null
  component: string
  /** 0 when no answer came. */
  status: number
  request_id: string
  at: string
}
export interface NodeRun {
  id: string
  attempt: number
  state: NodeState
  inputs: JsonObject | null
  outputs: JsonObject | null
  error: string | null
  started_at: string | null
  finished_at: string | null
  log: { at: string; message: string }[]
  calls: NodeCall[]
}
export interface NodeDetail {
  node_id: string
  state: NodeState
  runs: NodeRun[]
}
