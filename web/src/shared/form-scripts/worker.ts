import baseVariant from '@jitl/quickjs-wasmfile-release-sync'
import wasmLocation from '@jitl/quickjs-wasmfile-release-sync/wasm?url'
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core'
import { FormEngine } from './engine'
import type { FromWorker, ToWorker } from './types'

const quickjs = newQuickJSWASMModuleFromVariant(newVariant(baseVariant, { wasmLocation }))
let engine: FormEngine | null = null

async function answered(message: ToWorker): Promise<FromWorker> {
  const { id } = message
  try {
    if ('program' in message) {
      engine = new FormEngine(await quickjs)
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
