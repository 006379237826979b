// @vitest-environment jsdom
import { afterEach, describe, expect, it } from 'vitest'
import { language } from '@/shared/session/language'
import { advised, said, translation } from './wording'

afterEach(() => {
  language.value = 'en'
})

describe('translation', () => {
  it('says in Chinese what the server says under a code, with its values', () => {
    language.value = 'zh'
    expect(translation({ code: 'schema.minLength', params: { limit: '3' } })).toEqual({ text: '字符太少', remedy: '请至少填写 3 个字符' })
    expect(translation({ code: 'schema.enum', params: { options: ['"a"', '"b"'] } })?.remedy).toBe('请选择以下之一："a"、"b"')
  })

  it('joins alternatives, and has words for values that are words', () => {
    language.value = 'zh'
    expect(translation({ code: 'schema.type', params: { types: ['string', 'integer'] } })?.text).toBe('必须是文本或整数')
    expect(translation({ code: 'shape.exact_characters', params: { most: 32, characters: ['0-9', 'a-f'] } })?.remedy).toBe('请填写 32 个字符，可用 0-9 或 a-f')
  })

  it('leaves braces that are no places for values', () => {
    language.value = 'zh'
    expect(translation({ code: 'form.texts', params: {} })?.remedy).toContain('{zh: {ip.label: …}}')
  })

  it('leaves it to the English of the server where it knows no better', () => {
    expect(translation({ code: 'schema.minLength', params: { limit: '3' } })).toBeNull()
    language.value = 'zh'
    expect(translation({ code: 'of.tomorrow', params: {} })).toBeNull()
    expect(translation({})).toBeNull()
    expect(said({ text: 'is new', code: 'of.tomorrow', params: {} })).toBe('is new')
  })

  it('says what is wrong with a flow and what to do about it', () => {
    const problem = { message: 'the flow has no end node', remedy: 'add one', code: 'flow.no_end', params: {} }
    expect(advised(problem)).toEqual({ text: 'the flow has no end node', remedy: 'add one' })
    language.value = 'zh'
    expect(advised(problem)).toEqual({ text: '流程没有结束节点', remedy: '请添加一个' })
    expect(advised({ message: 'is gone', remedy: '', code: '', params: {} })).toEqual({ text: 'is gone', remedy: '' })
  })
})
