// @vitest-environment jsdom
import { ElMessage } from 'element-plus'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '@/api/problem'
import { language } from '@/shared/session/language'
import { sayProblem } from './sayProblem'

vi.mock('element-plus', () => ({ ElMessage: vi.fn() }))

const texts: Record<string, string> = { 'shared.problem.code.name_taken': '名称已被占用' }
const refused = new ApiProblem(422, {
  detail: 'name: is missing',
  code: 'invalid',
  errors: [{ field: 'name', problem: 'is missing', remedy: 'Give it', code: 'shape.missing', params: {} }],
})

function spoken(error: unknown): unknown {
  sayProblem(error, (key) => texts[key] ?? key)
  return vi.mocked(ElMessage).mock.lastCall?.[0]
}

afterEach(() => {
  language.value = 'en'
})

describe('what is said in passing', () => {
  it('is the detail of the server', () => {
    expect(spoken(refused)).toMatchObject({ message: 'name: is missing' })
  })

  it('is in Chinese by the code of the refusal, else by those of its fields', () => {
    language.value = 'zh'
    expect(spoken(new ApiProblem(409, { detail: 'c is taken', code: 'name_taken' }))).toMatchObject({ message: '名称已被占用' })
    expect(spoken(refused)).toMatchObject({ message: 'name：缺少此项。请填写' })
    expect(spoken(new ApiProblem(409, { detail: 'c is odd', code: 'odd' }))).toMatchObject({ message: 'c is odd' })
  })
})
