import type { NodeKind } from '@/api/types'

/** Kinds of node that call in somebody's name, or whose nodes inside do. */
const ACTING: readonly NodeKind[] = ['plugin', 'notify', 'subflow', 'map']

export function acts(kind: NodeKind): boolean {
  return ACTING.includes(kind)
}

/** A node or definition with whom it names; an empty name is nobody. */
export function withExecutor<Part extends { executor?: string }>(part: Part, executor: string): Part {
  const named: Part = { ...part }
  delete named.executor
  const name = executor.trim()
  return name === '' ? named : { ...named, executor: name }
}
