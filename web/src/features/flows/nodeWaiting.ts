import type { FlowNode } from '@/api/types'

/** Of a node: key and limit of its lock, name and key of the event; empty texts stand for none. */
export interface Waiting {
  lockKey: string
  limit: number
  event: string
  eventKey: string
}

/** The node with what it waits for. */
export function withWaiting(node: FlowNode, { lockKey, limit, event, eventKey }: Waiting): FlowNode {
  const rest = { ...node }
  delete rest.lock
  delete rest.event
  delete rest.key
  return {
    ...rest,
    ...(lockKey === '' ? {} : { lock: { key: lockKey, limit } }),
    ...(node.kind === 'wait' && event !== '' ? { event, ...(eventKey === '' ? {} : { key: eventKey }) } : {}),
  }
}
