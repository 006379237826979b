/** Where in a business hosts are looked for; neither is the whole business. */
export interface Place {
  set?: number
  module?: number
}
