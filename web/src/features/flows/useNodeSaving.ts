import type { FlowDefinition, FlowDraft, FlowNode, FlowView } from '@/api/types'
import { useDraftSaving } from './useDraftSaving'

interface NodePart {
  /** What of the node the form edits. */
  part: () => unknown
  /** The node with that. */
  patch: (node: FlowNode) => FlowNode
  /** Fills the form in from a node. */
  fill: (node: FlowNode) => void
  ready?: () => boolean
  /** What of the definition changes with the node. */
  more?: (definition: FlowDefinition, node: FlowNode) => FlowDefinition
}

/** Saves what a form edits of one node of a draft; the node's other parts stay whoever else saved them. */
export function useNodeSaving(
  props: { flow: FlowView; draft: FlowDraft; node: FlowNode },
  { part, patch, fill, ready = () => true, more = (definition) => definition }: NodePart,
) {
  const { id } = props.node
  fill(props.node)
  return useDraftSaving({
    flow: () => props.flow.id,
    draft: () => props.draft,
    part,
    whole: (kept) => {
      const found = kept.nodes.find((node) => node.id === id)
      if (found === undefined) return kept
      const changed = patch(found)
      return more({ ...kept, nodes: kept.nodes.map((node) => (node.id === id ? changed : node)) }, changed)
    },
    adopt: ({ nodes }) => {
      const found = nodes.find((node) => node.id === id)
      // Nothing is filled in anew that stands there already: a form with a script would begin again.
      if (found !== undefined && JSON.stringify(patch(found)) !== JSON.stringify(found)) fill(found)
    },
    ready,
  })
}
