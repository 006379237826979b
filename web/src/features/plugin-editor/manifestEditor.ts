import { computed, inject, provide, watch, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import { manifestOf, withName, withStep, withValue, type Place } from './manifestText'

/** Reads and changes the manifest for the fields of its form. */
export interface ManifestEditor {
  readable: ComputedRef<boolean>
  value(place: Place): unknown
  put(place: Place, value: unknown): void
  rename(place: Place, from: string, to: string): void
  addStep(component: string): void
}

const EDITOR: InjectionKey<ManifestEditor> = Symbol('manifest editor')

export function provideEditor(text: Ref<string>): ManifestEditor {
  const manifest = computed(() => manifestOf(text.value))
  // Several changes may be made before the text comes back from whoever keeps it.
  let latest = text.value
  watch(text, (now) => { latest = now }, { flush: 'sync' })
  function change(next: string): void {
    latest = next
    text.value = next
  }
  const editor: ManifestEditor = {
    readable: computed(() => manifest.value !== null),
    value: (place) => place.reduce<unknown>((found, step) => (typeof found === 'object' && found !== null ? (found as Record<string | number, unknown>)[step] : undefined), manifest.value),
    put(place, value) { change(withValue(latest, place, value)) },
    rename(place, from, to) { change(withName(latest, place, from, to)) },
    addStep(component) { change(withStep(latest, component)) },
  }
  provide(EDITOR, editor)
  return editor
}

export function useEditor(): ManifestEditor {
  const editor = inject(EDITOR)
  if (editor === undefined) throw new Error('fields of a manifest stand in its form')
  return editor
}
