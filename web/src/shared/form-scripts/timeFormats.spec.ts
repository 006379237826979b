import { describe, expect, it } from 'vitest'
import { dateType, pickerFormat } from './timeFormats'

describe('the times of a form.js', () => {
  it('are written as the form says, and else as BlueKing does', () => {
    expect(pickerFormat('datetime', { format: 'yyyy-MM-dd HH:mm:ss' })).toBe('YYYY-MM-DD HH:mm:ss')
    expect(pickerFormat('datetime', { type: 'date' })).toBe('YYYY-MM-DD')
    expect(pickerFormat('datetime', { type: 'datetimerange' })).toBe('YYYY-MM-DD HH:mm:ss')
    expect(pickerFormat('datetime', {})).toBe('YYYY-MM-DD HH:mm:ss')
    expect(pickerFormat('time', { format: 'HH:mm' })).toBe('HH:mm')
    expect(pickerFormat('time', {})).toBe('HH:mm:ss')
  })
  it('are moments unless the form wants something else that there is', () => {
    expect(dateType('daterange')).toBe('daterange')
    expect(dateType('fortnight')).toBe('datetime')
  })
})
