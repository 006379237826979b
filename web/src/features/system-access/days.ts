/** Days as people write them, apart by commas or spaces; what is no whole number is left to the server to refuse. */
export function daysOf(text: string): number[] {
  return text.split(/[\s,，、]+/).filter((part) => part !== '').map(Number)
}
