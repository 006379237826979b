import baseVariant from '@jitl/quickjs-wasmfile-release-sync'
import wasmLocation from '@jitl/quickjs-wasmfile-release-sync/wasm?url'
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core'
import { askNow } from './askNow'
import { FormEngine } from './engine'
import type { FormProgram, FromWorker, ToWorker } from './types'

const quickjs = newQuickJSWASMModuleFromVariant(newVariant(baseVariant, { wasmLocation }))
let engine: FormEngine | null = null
let current = 0

/** What a script asks with `async: false` holds up nothing but this worker. */
function asker({ endpoint }: FormProgram): ((asked: string) => string) | undefined {
  if (endpoint === undefined) return undefined
  return (asked) => {
    self.postMessage({ id: current, waits: true } satisfies FromWorker)
    return askNow(endpoint, asked)
  }
}

async function answered(message: ToWorker): Promise<FromWorker> {
  const { id } = message
  const module = await quickjs
  current = id
  try {
    if ('program' in message) {
      engine = new FormEngine(module, asker(message.program))
      return { id, outcome: engine.open(message.program, message.values) }
    }
    if (engine === null) return { id, failure: 'no form is open' }
    return { id, outcome: engine.call(message.call, ...message.given) }
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) }
  }
}

self.onmessage = (event: MessageEvent<ToWorker>) => {
  void answered(event.data).then((answer) => self.postMessage(answer))
}
