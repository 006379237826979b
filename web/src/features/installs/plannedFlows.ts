import type { UpgradePlanView } from '@/api/types'

export interface PlannedFlow {
  id: string
  name: string
  /** Whether its draft runs the version, so that it can be moved. */
  movable: boolean
  places: { place: string; number: number }[]
  breakages: string[]
}

/** Flows of a plan, each once, in the order of the plan; a task of a plugin alone has no flow and is left out. */
export function plannedFlows({ uses, broken }: UpgradePlanView): PlannedFlow[] {
  const flows = new Map<string, PlannedFlow>()
  for (const use of uses) {
    if (use.flow_id === '') continue
    const flow = flows.get(use.flow_id) ?? { id: use.flow_id, name: use.flow_name, movable: false, places: [], breakages: [] }
    flow.movable ||= use.place === 'draft'
    flow.places.push({ place: use.place, number: use.place === 'task' ? use.tasks : (use.revision ?? 0) })
    flows.set(use.flow_id, flow)
  }
  for (const [id, texts] of breakagesByFlow(broken)) flows.get(id)?.breakages.push(...texts)
  return [...flows.values()]
}

/** What would break in each flow, by its id; what several of its places have in common is told once. */
export function breakagesByFlow(broken: UpgradePlanView['broken']): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const { flow_id, breakages } of broken) {
    const told = found.get(flow_id) ?? new Set()
    for (const { node, problem } of breakages) told.add(node === '' ? problem : `${node}: ${problem}`)
    found.set(flow_id, told)
  }
  return new Map([...found].map(([id, texts]) => [id, [...texts]]))
}
