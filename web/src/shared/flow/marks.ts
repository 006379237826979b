/** What became of a node or an edge between two definitions. */
export type Mark = 'added' | 'removed' | 'changed'

/** By id. */
export interface Marks {
  nodes: Record<string, Mark>
  edges: Record<string, Mark>
}
