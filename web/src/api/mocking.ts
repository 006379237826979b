import { answer, api, refined } from './client'
import type { JsonObject, RecordedOutputs, TaskView } from './types'

export interface NodeMock {
  mode: 'mock' | 'real'
  outputs: JsonObject
  error: string
}

/** Runs a flow's draft; nodes that are not real are answered by what is given, and call nothing. */
export function runMock(flow: string, body: { inputs: JsonObject; nodes: Record<string, NodeMock>; consent: boolean }): Promise<TaskView> {
  return refined<TaskView>(api.POST('/v1/flows/{flow}:mock-run', { params: { path: { flow } }, body }))
}

/** Runs one plugin node of the draft alone; its plugin is called. */
export function tryNode(flow: string, node: string, inputs: JsonObject): Promise<TaskView> {
  return refined<TaskView>(api.POST('/v1/flows/{flow}/nodes/{node}:try', { params: { path: { flow, node } }, body: { inputs, consent: true } }))
}

/** Path of a node → what it gave in the flow's newest tasks. */
export async function readRecordedOutputs(flow: string): Promise<Record<string, RecordedOutputs[]>> {
  return (await answer(api.GET('/v1/flows/{flow}/recorded-outputs', { params: { path: { flow } } }))).nodes
}
