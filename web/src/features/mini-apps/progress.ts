import type { NodeState, TaskView } from '@/api/types'

export interface Step {
  id: string
  name: string
  state: NodeState
  at: string | null
  error: string | null
}

const STEPS = new Set(['plugin', 'timer', 'wait', 'confirm', 'approval', 'notify', 'subflow', 'map'])
const BEHIND = new Set<NodeState>(['FINISHED', 'IGNORED', 'SKIPPED'])

/** What of a task a person follows who knows nothing of flows: its steps, whatever failed, and how many are behind it. */
export function progressOf({ definition, nodes, state }: TaskView): { steps: Step[]; percent: number } {
  const leftOut = new Set(definition.left_out ?? [])
  const steps = definition.nodes
    .filter(({ id, kind }) => (STEPS.has(kind) || nodes[id]?.state === 'FAILED') && !leftOut.has(id))
    .map(({ id, name }) => {
      const view = nodes[id]
      return { id, name: name ?? id, state: view?.state ?? 'PENDING', at: view?.started_at ?? null, error: view?.error ?? null }
    })
    .filter((step) => step.state !== 'NOT_TAKEN' && !(state === 'FINISHED' && step.state === 'PENDING'))
    .sort((a, b) => (a.at ?? '9').localeCompare(b.at ?? '9'))
  const behind = steps.filter((step) => BEHIND.has(step.state)).length
  // A task that goes on is never told to be at its end.
  const percent = state === 'FINISHED' ? 100 : Math.min(95, Math.floor((100 * behind) / Math.max(1, steps.length)))
  return { steps, percent }
}
