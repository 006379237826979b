import type { QuickJSContext, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core'
import type { JsonObject } from '@/api/types'
import type { FormProgram, Outcome } from './types'

const MEMORY = 48 * 1024 * 1024
const STACK = 512 * 1024
const MILLISECONDS = 1000

/** A form.js in a QuickJS of its own: nothing of the browser is in its reach, and each call into it ends in time. */
export class FormEngine {
  private readonly runtime: QuickJSRuntime
  private readonly context: QuickJSContext
  private until = 0

  /** @param ask carries out what the script waits for, JSON to JSON; the time it takes is not the script's. */
  constructor(quickjs: QuickJSWASMModule, private readonly ask?: (asked: string) => string) {
    this.runtime = quickjs.newRuntime()
    this.runtime.setMemoryLimit(MEMORY)
    this.runtime.setMaxStackSize(STACK)
    this.runtime.setInterruptHandler(() => Date.now() > this.until)
    this.context = this.runtime.newContext()
  }

  /** Reads the script and wakes its form. */
  open(program: FormProgram, values: JsonObject): Outcome {
    this.run(program.runtime)
    this.run(`__forms.start(${literal(program.context)}, ${this.lendAsk()})`)
    this.run(program.source)
    return this.call('open', program.code, values, program.only ?? null)
  }

  /** Calls a function of the runtime. */
  call(name: string, ...given: unknown[]): Outcome {
    const answer = this.run(`__forms.${name}(${given.map(literal).join(', ')})`)
    return JSON.parse(answer) as Outcome
  }

  /** An expression for the way to ask, which takes its name away again: the script finds it nowhere. */
  private lendAsk(): string {
    const { ask } = this
    if (ask === undefined) return 'null'
    const lent = this.context.newFunction('ask', (asked) => {
      const began = Date.now()
      const said = ask(this.context.getString(asked))
      this.until += Date.now() - began
      return this.context.newString(said)
    })
    this.context.setProp(this.context.global, '__ask', lent)
    lent.dispose()
    return '((ask) => (delete globalThis.__ask, ask))(globalThis.__ask)'
  }

  private run(code: string): string {
    this.until = Date.now() + MILLISECONDS
    const result = this.context.evalCode(code)
    if (result.error !== undefined) {
      const problem: unknown = this.context.dump(result.error)
      result.error.dispose()
      throw new Error(worded(problem))
    }
    const value: unknown = this.context.dump(result.value)
    result.value.dispose()
    this.runtime.executePendingJobs(1000)
    return typeof value === 'string' ? value : 'null'
  }
}

/** A value in JavaScript; parsed there, since `__proto__` in a literal would set the prototype. */
function literal(value: unknown): string {
  return `JSON.parse(${JSON.stringify(JSON.stringify(value ?? null))})`
}

function worded(problem: unknown): string {
  if (typeof problem !== 'object' || problem === null) return String(problem)
  const { name, message } = problem as { name?: unknown; message?: unknown }
  return `${String(name)}: ${String(message)}`
}
