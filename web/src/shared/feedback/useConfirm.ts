import { ElMessageBox } from 'element-plus'
import { useI18n } from 'vue-i18n'

interface Question {
  title: string
  text: string
  /** Label of the button that does it. */
  action: string
}

/** Asks before something that hurts is done; answers whether to do it. */
export function useConfirm() {
  const { t } = useI18n()
  return async ({ title, text, action }: Question): Promise<boolean> => {
    const sure = await ElMessageBox.confirm(text, title, {
      confirmButtonText: action,
      cancelButtonText: t('shared.cancel'),
      confirmButtonClass: 'el-button--danger',
      type: 'warning',
    }).catch(() => null)
    return sure !== null
  }
}
