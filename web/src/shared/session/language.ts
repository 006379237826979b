import { ref, watch } from 'vue'

export type Language = 'en' | 'zh'
const KEY = 'trunkline.language'

function known(value: string | null | undefined): Language | null {
  if (value === null || value === undefined) return null
  if (value.toLowerCase().startsWith('zh')) return 'zh'
  return value.toLowerCase().startsWith('en') ? 'en' : null
}

/** The language of the console: what was chosen here, else what the browser asks for, else English. */
export const language = ref<Language>(known(localStorage.getItem(KEY)) ?? known(navigator.language) ?? 'en')

let chosenHere = localStorage.getItem(KEY) !== null

export function chooseLanguage(value: Language): void {
  chosenHere = true
  language.value = value
}

/** Takes the language of the account, unless one was chosen in this browser. */
export function adoptLanguage(value: string | null): void {
  const offered = known(value)
  if (!chosenHere && offered !== null) language.value = offered
}

watch(language, (value) => {
  if (chosenHere) localStorage.setItem(KEY, value)
})
