import { onBeforeUnmount, reactive } from 'vue'
import type { JsonObject } from '@/api/types'
import { ask, callbackIn, tokenOf, type RunState } from './servedPlugin'

const EVERY = 1000
const POLLING = 2
export const CALLBACK = 3
const FAILED = 5

/** A run of the plugin, followed until it has ended: state, outputs, what failed, and its log. */
export function useRun() {
  const run = reactive({ id: '', state: 0, outputs: null as JsonObject | null, err: '', log: '', address: '', called: '' })
  let timer: ReturnType<typeof setTimeout> | undefined

  function show({ state, outputs, err }: RunState): void {
    Object.assign(run, { state, outputs, err: err ?? '' })
    run.address = callbackIn(outputs) ?? run.address
  }

  async function readLog(): Promise<void> {
    const answer = await ask<{ log: string }>(`bk_plugin/logs/${run.id}`)
    run.log = answer.data?.log ?? ''
  }

  async function follow(id: string): Promise<void> {
    const waits = () => run.id === id && (run.state === POLLING || run.state === CALLBACK)
    await readLog()
    if (!waits()) return
    timer = setTimeout(() => {
      void ask<RunState>(`bk_plugin/schedule/${id}`).then((answer) => {
        if (!waits()) return
        if (answer.data !== null) show(answer.data)
        void follow(id)
      })
    }, EVERY)
  }

  async function begin(version: string, inputs: JsonObject, context: JsonObject): Promise<void> {
    clearTimeout(timer)
    Object.assign(run, { id: '', state: 0, outputs: null, err: '', log: '', address: '', called: '' })
    const answer = await ask<RunState>(`bk_plugin/invoke/${version}`, { inputs, context })
    run.id = answer.trace_id ?? ''
    show(answer.result && answer.data !== null ? answer.data : { state: FAILED, outputs: null, err: answer.message })
    if (run.id !== '') await follow(run.id)
  }

  /** `body` is JSON text; rejects with what is wrong with it. */
  async function callBack(body: string): Promise<void> {
    run.called = (await ask(`bk_plugin/callback/${tokenOf(run.address)}/`, JSON.parse(body))).message
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { run, begin, callBack }
}
