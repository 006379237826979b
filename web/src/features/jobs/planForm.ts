import { APPROVAL, FILES, HOSTS, SCRIPT, SEALED, TEXT, type AccountName, type FileInfo, type PlanContent, type PlanDetail, type PlanStep, type PlanVariable, type ScriptInfo, type Servers } from '@/api/jobPlans'
import { isHosts, serversOf, textOf } from './hosts'

/** Hosts that are named, or those of a variable. */
export interface HostsForm {
  variable: string
  text: string
  before: Servers | null
}

export interface VariableForm {
  name: string
  type: number
  description: string
  required: boolean
  value: string
  hasValue: boolean
  hosts: HostsForm
}

/** `account` is a name, `#5` by its id, or empty for this machine. */
export interface ScriptForm {
  fromLibrary: boolean
  scriptId: string
  content: string
  language: number
  param: string
  sensitive: boolean
  timeout: number
  account: string
  hosts: HostsForm
}

/** `account` is a name, `#5` by its id, or empty for this machine. `before` keeps what the form does not show. */
export interface StepForm {
  name: string
  type: number
  before: PlanStep | null
  script: ScriptForm
  files: { sources: { files: string; account: string; hosts: HostsForm }[]; path: string; account: string; hosts: HostsForm; timeout: number }
  message: string
}

export interface PlanForm {
  name: string
  description: string
  variables: VariableForm[]
  steps: StepForm[]
}

const TIMEOUT = 7200
export const encoded = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
const decoded = (base64: string | null | undefined): string => new TextDecoder().decode(Uint8Array.from(atob(base64 ?? ''), (char) => char.charCodeAt(0)))

const hostsForm = (server?: Servers | null): HostsForm => ({ variable: server?.variable ?? '', text: textOf(server), before: server ?? null })
const serversFrom = ({ variable, text, before }: HostsForm): Servers => (variable !== '' ? { variable } : serversOf(text, before))
const accountText = (account?: AccountName): string => account?.alias ?? (typeof account?.id === 'number' ? `#${account.id}` : '')

function accountFrom(text: string): AccountName {
  const [, id] = /^#(\d+)$/.exec(text.trim()) ?? []
  if (id !== undefined) return { id: Number(id) }
  return text.trim() === '' ? {} : { alias: text.trim() }
}

export const newVariable = (): VariableForm => ({ name: '', type: TEXT, description: '', required: false, value: '', hasValue: false, hosts: hostsForm() })
export const newSource = (): StepForm['files']['sources'][number] => ({ files: '', account: '', hosts: hostsForm() })

export function stepForm(step: PlanStep | null): StepForm {
  const script = step?.script_info
  const files = step?.file_info
  return {
    name: step?.name ?? '',
    type: step?.type ?? SCRIPT,
    before: step,
    script: {
      fromLibrary: (script?.script_id ?? script?.script_version_id ?? null) !== null,
      scriptId: script?.script_id ?? '',
      content: decoded(script?.script_content),
      language: script?.script_language ?? 1,
      param: decoded(script?.script_param),
      sensitive: Boolean(script?.is_param_sensitive),
      timeout: script?.script_timeout ?? TIMEOUT,
      account: accountText(script?.account),
      hosts: hostsForm(script?.server),
    },
    files: {
      sources: files?.file_source_list.map((source) => ({ files: source.file_list.join('\n'), account: accountText(source.account), hosts: hostsForm(source.server) })) ?? [newSource()],
      path: files?.file_destination.path ?? '',
      account: accountText(files?.file_destination.account),
      hosts: hostsForm(files?.file_destination.server),
      timeout: files?.timeout ?? TIMEOUT,
    },
    message: step?.approval_info?.approval_message ?? '',
  }
}

const variableForm = (variable: PlanVariable): VariableForm => ({
  name: variable.name, type: variable.type, description: variable.description, required: Boolean(variable.required), value: variable.value ?? '', hasValue: variable.has_value ?? false, hosts: hostsForm(variable.server),
})

export function planForm(plan: PlanDetail | null): PlanForm {
  return {
    name: plan?.name ?? '',
    description: plan?.description ?? '',
    variables: plan?.global_var_list.map(variableForm) ?? [],
    steps: plan?.step_list.map(stepForm) ?? [stepForm(null)],
  }
}

function variableFrom(form: VariableForm): PlanVariable {
  const { name, type, description, required, value, hosts } = form
  const common = { name: name.trim(), type, description, required }
  if (type === HOSTS) return { ...common, ...(hosts.text.trim() !== '' || hosts.before !== null ? { server: serversOf(hosts.text, hosts.before) } : {}) }
  // A sealed text that nothing was typed for keeps the value it has.
  return value === '' && type === SEALED ? common : { ...common, value }
}

export function scriptFrom({ script, before }: StepForm): ScriptInfo {
  const kept = before?.script_info ?? null
  const own = script.fromLibrary
    ? { script_content: null, script_id: script.scriptId.trim() || null, script_version_id: script.scriptId.trim() === '' ? (kept?.script_version_id ?? null) : null }
    : { script_content: encoded(script.content), script_id: null, script_version_id: null }
  return {
    ...kept, ...own,
    script_language: script.language, script_param: encoded(script.param), is_param_sensitive: script.sensitive,
    script_timeout: script.timeout, account: accountFrom(script.account), server: serversFrom(script.hosts),
  }
}

function filesFrom({ files, before }: StepForm): FileInfo {
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  return {
    ...before?.file_info,
    transfer_mode: before?.file_info?.transfer_mode ?? 2,
    timeout: files.timeout,
    file_source_list: files.sources.map((source) => ({ file_list: lines(source.files), account: accountFrom(source.account), server: serversFrom(source.hosts) })),
    file_destination: { path: files.path.trim(), account: accountFrom(files.account), server: serversFrom(files.hosts) },
  }
}

function stepFrom(form: StepForm): PlanStep {
  const { type } = form
  const common = { name: form.name.trim(), type }
  if (type === FILES) return { ...common, file_info: filesFrom(form) }
  if (type === APPROVAL) return { ...common, approval_info: { approval_message: form.message.trim() } }
  return { ...common, script_info: scriptFrom(form) }
}

export const planFrom = (form: PlanForm): PlanContent => ({
  name: form.name.trim(), description: form.description.trim(), global_var_list: form.variables.map(variableFrom), step_list: form.steps.map(stepFrom),
})

function hostsOf({ type, script, files }: StepForm): HostsForm[] {
  if (type === SCRIPT) return [script.hosts]
  return type === FILES ? [files.hosts, ...files.sources.map(({ hosts }) => hosts)] : []
}

/** Whether it can be sent: names are given, and hosts are hosts. The server checks the rest. */
export function isReady(form: PlanForm): boolean {
  const named = [form, ...form.steps, ...form.variables].every(({ name }) => name.trim() !== '')
  const hosts = [...form.steps.flatMap(hostsOf), ...form.variables.map(({ hosts: own }) => own)]
  return named && form.steps.length > 0 && hosts.every(({ variable, text }) => variable !== '' || isHosts(text))
}
