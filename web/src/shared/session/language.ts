import { ref } from 'vue'

export type Language = 'en' | 'zh'
const KEY = 'trunkline.language'

function known(value: string | null | undefined): Language | null {
  if (value === null || value === undefined) return null
  if (value.toLowerCase().startsWith('zh')) return 'zh'
  return value.toLowerCase().startsWith('en') ? 'en' : null
}

const asked = (): Language => known(navigator.language) ?? 'en'

/** The language of the console: what was chosen here, else what the account has, else what the browser asks for, else English. */
export const language = ref<Language>(known(localStorage.getItem(KEY)) ?? asked())

let chosenHere = localStorage.getItem(KEY) !== null

/** Null leaves it to the browser again. */
export function chooseLanguage(value: Language | null): void {
  chosenHere = value !== null
  if (value === null) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, value)
  language.value = value ?? asked()
}

/** Takes the language of the account, unless one was chosen in this browser. */
export function adoptLanguage(value: string | null): void {
  const offered = known(value)
  if (!chosenHere && offered !== null) language.value = offered
}
