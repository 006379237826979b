import { fieldsOf } from './callErrors'
import { api, refined } from './client'
import { ApiProblem } from './problem'

/** How components answer. */
interface ComponentAnswer<Data> {
  result: boolean
  code: number
  message: string
  data: Data
}

const STAGE = 'prod'

/**
 * Calls a component of a system in the person's name, as the stage `prod` serves it; answers its `data`.
 * @throws ApiProblem also for what the component itself refused, with the fields it names.
 */
export async function callComponent<Data>(system: string, component: string, params: object): Promise<Data> {
  const answer = await refined<ComponentAnswer<Data>>(
    api.POST('/v1/systems/{system}/stages/{stage}/components/{component}:call', {
      params: { path: { system, stage: STAGE, component } },
      body: { params: { ...params } },
    }),
  )
  if (!answer.result) throw new ApiProblem(200, { title: answer.message, code: answer.code, errors: fieldsOf(answer.message) })
  return answer.data
}

/** Where the events of a component that streams them are read, as `callComponent` calls others. */
export function componentEventsAddress(system: string, component: string, params: object): string {
  const query = new URLSearchParams({ params: JSON.stringify(params) })
  return `/v1/systems/${encodeURIComponent(system)}/stages/${STAGE}/components/${component}:follow?${query}`
}
