import { QueryClient } from '@tanstack/vue-query'
import { ApiProblem } from '@/api/problem'

/** A refused or malformed request stays so; only a failing or unreachable server is asked again. */
export function worthRetrying(failures: number, error: unknown): boolean {
  const status = error instanceof ApiProblem ? error.status : 0
  return failures < 2 && (status === 0 || status >= 502)
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true } },
})
