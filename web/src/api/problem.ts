import { documentOf } from './callErrors'

/** One thing wrong with one field of a request, as the server's problem documents list them. */
export interface FieldProblem {
  field: string
  problem: string
  remedy?: string | null
  /** By which the sentence is known in other languages; some have English alone. */
  code?: string
  /** The values the sentence names. */
  params?: Record<string, string | number | string[]>
}

/** RFC 9457 problem document as `/v1` answers it. */
export interface ProblemDocument {
  title?: string
  status?: number
  detail?: string
  code?: string | number
  request_id?: string
  errors?: FieldProblem[]
}

/** An error answer of the server, or a failure to reach it (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly code: string
  readonly requestId: string
  readonly fields: FieldProblem[]

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `HTTP ${status}`)
    this.name = 'ApiProblem'
    this.status = status
    this.title = document.title ?? ''
    this.detail = document.detail ?? ''
    this.code = document.code === undefined ? '' : String(document.code)
    this.requestId = document.request_id ?? ''
    this.fields = document.errors ?? []
  }

  /** Builds the problem from an error response, whatever its body is. */
  static async fromResponse(response: Response): Promise<ApiProblem> {
    const text = await response.text()
    try {
      const body: unknown = JSON.parse(text)
      if (typeof body === 'object' && body !== null) {
        const gateways = 'message' in body && typeof body.message === 'string' && !('title' in body)
        return new ApiProblem(response.status, gateways ? documentOf({ ...body, message: String(body.message) }) : body)
      }
    } catch {
      // Not JSON: a proxy's own page, say. The status is all that can be told.
    }
    return new ApiProblem(response.status, { title: response.statusText })
  }

  /** The server could not be reached at all. */
  static unreachable(): ApiProblem {
    return new ApiProblem(0, { code: 'unreachable' })
  }
}
