import type { FlowNode } from '@/api/types'
import { isStep } from '@/shared/flow/layout'

/** What the settings of a node show; a count, a length of time and a revision that is not set is null. */
export interface NodeSettings {
  name: string
  version: string
  optional: boolean
  retryable: boolean
  skippable: boolean
  onFailure: 'stop' | 'ignore' | 'handle'
  retryTimes: number | null
  retryInterval: number
  retryFactor: number
  timeoutSeconds: number | null
  timeoutAction: 'fail' | 'skip'
  seconds: string
  until: string
  message: string
  approvers: string[]
  values: { name: string; expression: string }[]
  flow: string
  revision: number | null
  inputs: unknown
  items: string
  parallel: number
}

// Whoever may skip an approval needs none: that is said where it is meant.
const skippableAtFirst = (kind: FlowNode['kind']): boolean => kind !== 'approval'
const written = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value))

export function settingsOf(node: FlowNode): NodeSettings {
  return {
    name: node.name ?? '',
    version: node.version ?? '',
    optional: node.optional ?? false,
    retryable: node.retryable ?? true,
    skippable: node.skippable ?? skippableAtFirst(node.kind),
    onFailure: node.on_failure ?? 'stop',
    retryTimes: node.retry?.times ?? null,
    retryInterval: node.retry?.interval ?? 0,
    retryFactor: node.retry?.factor ?? 1,
    timeoutSeconds: node.timeout?.seconds ?? null,
    timeoutAction: node.timeout?.action ?? 'fail',
    seconds: written(node.seconds),
    until: node.until ?? '',
    message: node.message ?? '',
    approvers: node.approvers ?? [],
    values: Object.entries(node.values ?? {}).map(([name, expression]) => ({ name, expression })),
    flow: node.flow ?? '',
    revision: node.revision ?? null,
    inputs: node.inputs ?? {},
    items: written(node.items),
    parallel: node.parallel ?? 1,
  }
}

/** A length of time as a number, anything else (a reference) as the text it is. */
function secondsOr(text: string): number | string {
  const seconds = Number(text)
  return text.trim() !== '' && Number.isFinite(seconds) && seconds >= 0 ? seconds : text
}

/** A list that was written out, or a reference to one. */
function listOr(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text)
    return Array.isArray(read) ? read : text
  } catch {
    return text
  }
}

/** Whether the inputs of the flow that a node runs are what they must be: values by their names. */
export function areInputs(inputs: unknown): boolean {
  return inputs === undefined || (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs))
}

function ofSteps({ kind }: FlowNode, settings: NodeSettings): Partial<FlowNode> {
  return {
    ...(settings.optional ? { optional: true } : {}),
    ...(settings.retryable ? {} : { retryable: false }),
    ...(settings.skippable === skippableAtFirst(kind) ? {} : { skippable: settings.skippable }),
    ...(settings.onFailure === 'stop' ? {} : { on_failure: settings.onFailure }),
    ...(settings.retryTimes === null ? {} : { retry: { times: settings.retryTimes, interval: settings.retryInterval, factor: settings.retryFactor } }),
    ...(settings.timeoutSeconds === null ? {} : { timeout: { seconds: settings.timeoutSeconds, action: settings.timeoutAction } }),
  }
}

/** A confirmation can't name who decides: what it has of that stays until it is taken away, so that nothing goes unseen. */
const keepsApprovers = (node: FlowNode, { approvers }: NodeSettings): boolean => approvers.length > 0 && (node.approvers ?? []).length > 0

function ofKind(node: FlowNode, settings: NodeSettings): Partial<FlowNode> {
  const called = { flow: settings.flow, inputs: (settings.inputs ?? {}) as NonNullable<FlowNode['inputs']>, ...(settings.revision === null ? {} : { revision: settings.revision }) }
  switch (node.kind) {
    case 'plugin':
      return { version: settings.version }
    case 'timer':
      return settings.until !== '' ? { until: settings.until } : settings.seconds === '' ? {} : { seconds: secondsOr(settings.seconds) }
    case 'confirm':
      return { ...(settings.message === '' ? {} : { message: settings.message }), ...(keepsApprovers(node, settings) ? { approvers: node.approvers } : {}) }
    case 'approval':
      return { ...(settings.message === '' ? {} : { message: settings.message }), ...(settings.approvers.length === 0 ? {} : { approvers: settings.approvers }) }
    case 'expression':
      return { values: Object.fromEntries(settings.values.filter(({ name, expression }) => name.trim() !== '' && expression.trim() !== '').map(({ name, expression }) => [name.trim(), expression])) }
    case 'subflow':
      return called
    case 'map':
      return { ...called, items: listOr(settings.items), parallel: settings.parallel }
    default:
      return {}
  }
}

const OF_SETTINGS = ['name', 'optional', 'retryable', 'skippable', 'on_failure', 'retry', 'timeout'] as const
const OF_KIND: Partial<Record<FlowNode['kind'], readonly (keyof FlowNode)[]>> = {
  timer: ['seconds', 'until'], confirm: ['message', 'approvers'], approval: ['message', 'approvers'], subflow: ['revision'], map: ['revision'],
}

/** The node as its settings say; what stands elsewhere (a plugin's inputs, locks, whose name it calls in) is left. */
export function withSettings(node: FlowNode, settings: NodeSettings): FlowNode {
  const rest: FlowNode = { ...node }
  for (const field of [...OF_SETTINGS, ...(OF_KIND[node.kind] ?? [])]) Reflect.deleteProperty(rest, field)
  const name = settings.name.trim()
  return { ...rest, ...(name === '' ? {} : { name }), ...(isStep(node.kind) ? ofSteps(node, settings) : {}), ...ofKind(node, settings) }
}
