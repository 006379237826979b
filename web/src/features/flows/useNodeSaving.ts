import { useMutation } from '@tanstack/vue-query'
import { ElMessage } from 'element-plus'
import { useI18n } from 'vue-i18n'
import { saveDraft } from '@/api/flows'
import type { FlowDraft, FlowNode, FlowView } from '@/api/types'

/** Saves the draft with one of its nodes changed; says so, and tells the page. */
export function useNodeSaving(props: { flow: FlowView; draft: FlowDraft }, changed: () => FlowNode, saved: () => void) {
  const { t } = useI18n()
  return useMutation({
    mutationFn: () => {
      const { definition, draft_version: seen } = props.draft
      const next = changed()
      return saveDraft(props.flow.id, { ...definition, nodes: definition.nodes.map((node) => (node.id === next.id ? next : node)) }, seen)
    },
    onSuccess: () => {
      ElMessage({ type: 'success', message: t('flows.saved') })
      saved()
    },
  })
}
