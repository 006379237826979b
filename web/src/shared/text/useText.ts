import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Localized } from '@/api/types'
import { language } from '@/shared/session/language'

/** The text in the asked language, or in whichever one exists. */
export function localized(text: Localized | null | undefined, asked: 'en' | 'zh'): string {
  if (text === null || text === undefined) return ''
  if (typeof text === 'string') return text
  return text[asked] ?? text.en ?? text.zh ?? ''
}

/** Milliseconds as people say them: 340 ms, 12.4 s, 3 min 20 s, 2 h 5 min. */
export function spokenDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds)
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Texts and times in the chosen language. */
export function useText() {
  const { t } = useI18n()
  const locale = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en-GB'))
  const full = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'medium' }))
  const clock = computed(
    () => new Intl.DateTimeFormat(locale.value, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  )
  const day = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium' }))

  function said(format: Intl.DateTimeFormat, at: string | null | undefined): string {
    if (at === null || at === undefined) return '–'
    const date = new Date(at)
    return Number.isNaN(date.getTime()) ? at : format.format(date)
  }

  return {
    text: (value: Localized | null | undefined) => localized(value, language.value),
    moment: (at: string | null | undefined) => said(full.value, at),
    clock: (at: string | null | undefined) => said(clock.value, at),
    day: (at: string | null | undefined) => said(day.value, at),
    person: (name: string | null | undefined) => (name === null || name === undefined || name === '' ? t('shared.nobody') : name),
  }
}
