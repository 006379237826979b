import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import type { FormProgram } from '@/shared/form-scripts/types'
import { ask, formOf, type Detail, type FormProgramOfFile, type Meta } from './servedPlugin'

const EVERY = 2000

/** The plugin that is served, drawn anew when its author changes it. */
export function usePlugin() {
  const meta = shallowRef<Meta | null>(null)
  const version = ref('')
  const detail = shallowRef<Detail | null>(null)
  const file = shallowRef<FormProgramOfFile | null>(null)
  const problem = ref('')
  const formProblem = ref('')
  let known = ''
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    const wanted = version.value
    if (wanted === '') return
    const answer = await ask<Detail>(`bk_plugin/detail/${wanted}`)
    // While the plugin begins anew nobody answers; what is shown stays.
    if (wanted !== version.value || answer.data === null || JSON.stringify(answer.data) === known) return
    known = JSON.stringify(answer.data)
    const form = answer.data.forms.renderform === null ? null : await ask<FormProgramOfFile>(`try/form/${wanted}`)
    if (wanted !== version.value) return
    file.value = form?.data ?? null
    formProblem.value = form === null || form.result ? '' : form.message
    detail.value = answer.data
  }

  async function begin(): Promise<void> {
    const answer = await ask<Meta>('bk_plugin/meta/')
    meta.value = answer.data
    problem.value = answer.result ? '' : answer.message
    version.value = answer.data?.versions[0] ?? ''
  }

  async function keepReading(): Promise<void> {
    await (meta.value === null ? begin() : read())
    timer = setTimeout(() => void keepReading(), EVERY)
  }

  watch(version, () => {
    known = ''
    detail.value = null
    void read()
  })
  onMounted(() => void keepReading())
  onBeforeUnmount(() => clearTimeout(timer))

  const inputs = computed(() => file.value?.form ?? (detail.value === null ? null : formOf(detail.value.inputs)))
  const context = computed(() => (detail.value === null ? null : formOf(detail.value.context_inputs)))
  const program = computed<FormProgram | null>(() => {
    if (file.value === null || meta.value === null) return null
    const { source, code, runtime } = file.value
    const root = `${window.location.origin}/`
    const own = { site_url: '/', bk_plugin_api_host: { [meta.value.code]: root, [code]: root }, component: code, exec_env: 'NODE_CONFIG', project: { id: 1, bk_biz_id: 2 } }
    return { source, code, runtime, context: own }
  })
  return { meta, version, detail, problem, formProblem, inputs, context, program }
}
