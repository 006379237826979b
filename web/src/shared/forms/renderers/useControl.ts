import type { ControlElement } from '@jsonforms/core'
import { useJsonFormsControl } from '@jsonforms/vue'
import { computed } from 'vue'

type ControlProps = Parameters<typeof useJsonFormsControl>[0]

/** The id of a field: its address in the data, fit to stand in an attribute. */
export function fieldId(path: string): string {
  return `field-${path.replace(/[^\w-]+/g, '-')}`
}

/** Options a UI schema gives its control, such as `{"widget": "password"}`. */
export function controlOptions(uischema: ControlElement): Record<string, unknown> {
  return (uischema.options ?? {}) as Record<string, unknown>
}

/** What every widget of ours needs of its control. */
export function useControl(props: ControlProps) {
  const { control, handleChange } = useJsonFormsControl(props)
  const id = computed(() => fieldId(control.value.path))
  const options = computed(() => controlOptions(control.value.uischema))
  const frame = computed(() => ({
    id: id.value,
    label: control.value.label,
    description: control.value.description,
    errors: control.value.errors,
    required: control.value.required === true,
  }))
  const described = computed(() => {
    const parts = [control.value.errors ? `${id.value}-error` : '', control.value.description ? `${id.value}-hint` : '']
    return parts.filter((part) => part !== '').join(' ') || undefined
  })
  /** Attributes of the input itself. */
  const input = computed(() => ({
    id: `${id.value}-input`,
    disabled: !control.value.enabled,
    placeholder: typeof options.value.placeholder === 'string' ? options.value.placeholder : undefined,
    'aria-describedby': described.value,
    'aria-invalid': control.value.errors ? true : undefined,
  }))

  /** An emptied field is an absent one: the server then says what is required. */
  function change(value: unknown): void {
    handleChange(control.value.path, value === '' || value === null ? undefined : value)
  }
  return { control, id, options, frame, input, change }
}
