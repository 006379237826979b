import type { OfferedChoice } from './ChoiceField.vue'

/** People as they are chosen: by their names, as long as these tell more than the user names that are kept. */
export function choicesOf(people: { username: string; display_name: string }[]): OfferedChoice[] {
  return people.map(({ username, display_name: name }) => ({ value: username, label: name === '' || name === username ? username : `${name} (${username})` }))
}
