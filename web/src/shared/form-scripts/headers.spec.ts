import { expect, it } from 'vitest'
import { partedHeaders } from './headers'

it('keeps the headers that may be sent, in any case of their letters, and names the others', () => {
  const headers = { 'upload-ticket': 'abc', 'X-CSRFToken': 'x', __proto__x: 'y' }
  expect(partedHeaders(headers, ['Upload-Ticket'])).toEqual({ kept: { 'upload-ticket': 'abc' }, left: ['X-CSRFToken', '__proto__x'] })
})

it('keeps none where it is not told which', () => {
  expect(partedHeaders({ Cookie: 'a' }, undefined)).toEqual({ kept: {}, left: ['Cookie'] })
})
