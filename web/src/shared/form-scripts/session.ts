import { reactive, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import type { JsonObject } from '@/api/types'
import { changedTags, withScriptValues } from './changes'
import type { FrameEvent } from './formFrame'
import type { Effect, FileFacts, FormProgram, FromWorker, Outcome, Picked, RequestAnswer, TagPath, TagState, ToWorker } from './types'

const PATIENCE = 4000
const PATIENCE_AT_START = 15_000
const PATIENCE_WITH_OTHERS = 40_000
const MAX_TIMER = 60_000

/** What a form with a script asks of the page it is on. */
export interface ScriptHost {
  /** Carries a request out, or refuses it. */
  send(request: { url: string; method: string; data: unknown }): Promise<RequestAnswer>
  /** Keeps a file, or refuses it; `told` hears which share has gone. */
  carry(file: File, picked: Picked, told: (share: number) => void): Promise<RequestAnswer>
  /** Shows a message, or what the script could not do. */
  say(effect: Exclude<Effect, { type: 'request' | 'timer' | 'children' | 'picked' | 'drawn' }>): void
}

export interface ScriptSession {
  readonly state: Ref<'starting' | 'running' | 'stopped'>
  readonly failure: Ref<string>
  readonly data: ShallowRef<JsonObject>
  /** Markup that the script drew; whatever is in it is not to be trusted. */
  readonly drawn: Ref<string>
  tag(path: TagPath): TagState
  /** A person's change; `hooked` fields hold the names of variables. */
  edit(next: JsonObject, hooked?: string[]): void
  /** What `$.context` knows has changed. */
  know(context: JsonObject): void
  event(path: TagPath, type: string): void
  press(path: TagPath, index: number | null): void
  /** Something was done to what the script drew. */
  happen(event: FrameEvent): void
  /** A line of a table was clicked. */
  row(path: TagPath, index: number): void
  /** Binds a field to a variable, or lets it go. */
  hook(path: TagPath, on: boolean): void
  /** Tells when the script binds a field to a variable by itself, or lets it go. */
  whenHooked(action: (field: string, on: boolean) => void): void
  /** The nodes below one of a cascader that reads them when they are wanted. */
  children(path: TagPath, node: unknown): Promise<unknown>
  /** Whether a file that was picked is to be carried. */
  pick(path: TagPath, file: FileFacts): Promise<Picked>
  /** Whether the form lets go of files that waited to be sent. */
  letGo(path: TagPath): Promise<boolean>
  carry: ScriptHost['carry']
  /** How a file that was carried fared. */
  uploaded(path: TagPath, file: FileFacts, answer: RequestAnswer): void
  unpick(path: TagPath, index: number): void
  /** Asks as the script would: for widgets that read what they offer. */
  ask(url: string): Promise<RequestAnswer>
  close(): void
}

/** How the fields of a form with a script find it. */
export const SCRIPT: InjectionKey<ScriptSession> = Symbol('form script')

const keyOf = (path: TagPath): string => path.join('\u0000')

/** Runs a form's script in a worker beside the page; a script that doesn't answer is ended. */
export function startScript(program: FormProgram, values: JsonObject, layout: unknown, host: ScriptHost): ScriptSession {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'form-script' })
  const tags = reactive(new Map<string, TagState>())
  const state = ref<'starting' | 'running' | 'stopped'>('starting')
  const failure = ref('')
  const data = shallowRef<JsonObject>(values)
  const drawn = ref('')
  const waiting = new Map<number, { sent: JsonObject; late: ReturnType<typeof setTimeout> }>()
  let hooks: (field: string, on: boolean) => void = () => undefined
  const wanted = new Map<number, (found: unknown) => void>()
  let lastId = 0
  let lastWanted = 0

  function stop(reason: string): void {
    worker.terminate()
    waiting.forEach(({ late }) => clearTimeout(late))
    waiting.clear()
    state.value = 'stopped'
    failure.value = reason
  }

  function post(message: (id: number) => ToWorker): void {
    if (state.value === 'stopped') return
    lastId += 1
    const late = setTimeout(() => stop('late'), state.value === 'starting' ? PATIENCE_AT_START : PATIENCE)
    waiting.set(lastId, { sent: data.value, late })
    worker.postMessage(message(lastId))
  }

  const call = (name: string, ...given: unknown[]): void => post((id) => ({ id, call: name, given: JSON.parse(JSON.stringify(given)) as unknown[] }))

  function carryOut(effect: Effect): void {
    if (effect.type === 'request') void host.send(effect).then((answer) => call('deliver', effect.id, answer))
    else if (effect.type === 'timer') setTimeout(() => call('fire', effect.id), Math.min(effect.wait, MAX_TIMER))
    else if (effect.type === 'children' || effect.type === 'picked') {
      wanted.get(effect.id)?.(effect.type === 'picked' ? effect : effect.items)
      wanted.delete(effect.id)
    } else if (effect.type === 'drawn') drawn.value = effect.html
    else host.say(effect)
  }

  /** Calls what answers later, by an effect with the number it is given. */
  function want(name: string, ...given: unknown[]): Promise<unknown> {
    lastWanted += 1
    const id = lastWanted
    const found = new Promise<unknown>((resolve) => wanted.set(id, resolve))
    call(name, ...given, id)
    return found
  }

  function take({ changes, values: told, effects }: Outcome, sent: JsonObject): void {
    changes.forEach(({ path, state: one }) => {
      const before = tags.get(keyOf(path))?.hook
      tags.set(keyOf(path), one)
      if (path.length === 1 && before !== undefined && one.hook !== undefined && before !== one.hook) hooks(path[0] ?? '', one.hook)
    })
    data.value = withScriptValues(data.value, sent, told)
    effects.forEach(carryOut)
  }

  worker.onmessage = ({ data: answer }: MessageEvent<FromWorker>) => {
    const asked = waiting.get(answer.id)
    if (asked === undefined) return
    clearTimeout(asked.late)
    if ('waits' in answer) {
      asked.late = setTimeout(() => stop('late'), PATIENCE_WITH_OTHERS)
      return
    }
    waiting.delete(answer.id)
    if ('failure' in answer) {
      stop(answer.failure)
      return
    }
    take(answer.outcome, asked.sent)
    state.value = 'running'
  }
  worker.onerror = () => stop('the script could not be started')
  // What stands in a page's state can't be sent to a worker.
  post((id) => ({ id, program: JSON.parse(JSON.stringify(program)) as FormProgram, values }))

  return {
    state,
    failure,
    data,
    drawn,
    tag: (path) => tags.get(keyOf(path)) ?? {},
    edit(next, hooked = []) {
      const before = data.value
      data.value = next
      changedTags(before, next, layout).forEach(({ path, value }) => {
        if (path.length === 1 && hooked.includes(path[0] ?? '')) call('hook', path, true, value)
        else call('change', path, value)
      })
    },
    know: (context) => call('know', context),
    event: (path, type) => call('event', path, type),
    press: (path, index) => call('press', path, index),
    happen: ({ node, type, value, checked }) => call('happen', node, type, value, checked),
    row: (path, index) => call('row', path, index),
    hook: (path, on) => call('hook', path, on),
    whenHooked: (action) => { hooks = action },
    children: (path, node) => want('children', path, node),
    pick: (path, file) => want('pick', path, file) as Promise<Picked>,
    letGo: async (path) => ((await want('submit', path)) as Picked).goes,
    carry: host.carry,
    uploaded: (path, file, answer) => call('uploaded', path, file, answer),
    unpick: (path, index) => call('unpick', path, index),
    ask: (url) => host.send({ url, method: 'GET', data: null }),
    close() {
      stop('')
    },
  }
}
