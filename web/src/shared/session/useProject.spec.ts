// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest'
import { ref } from 'vue'

const projects = [{ id: 'a'.repeat(32), code: 'shop', name: 'Shop', roles: [] }, { id: 'b'.repeat(32), code: 'ops', name: 'Operations', roles: [] }]
vi.mock('./useSession', () => ({ hasAnyRole: () => false, useSession: () => ({ session: ref({ projects }) }) }))

async function fresh(): Promise<ReturnType<typeof import('./useProject').useProject>> {
  vi.resetModules()
  return (await import('./useProject')).useProject()
}

beforeEach(() => {
  localStorage.clear()
})

it('becomes the one that what was followed to belongs to, and stays it', async () => {
  const { code, enter } = await fresh()
  expect(code.value).toBe('shop')
  enter('b'.repeat(32))
  expect(code.value).toBe('ops')
  expect((await fresh()).code.value).toBe('ops')
})

it('stays where the person does not belong to that of what is looked at', async () => {
  const { code, enter } = await fresh()
  enter('c'.repeat(32))
  expect(code.value).toBe('shop')
})
