import { ref, type Ref } from 'vue'

export interface Search {
  typed: Ref<string>
  /** What was searched for last; typing alone asks nothing. */
  asked: Ref<string>
  page: Ref<number>
  search: () => void
}

/** The words above a list in pages: a search asks for them, from the first page on. */
export function useSearch(): Search {
  const typed = ref('')
  const asked = ref('')
  const page = ref(1)
  function search(): void {
    asked.value = typed.value.trim()
    page.value = 1
  }
  return { typed, asked, page, search }
}
