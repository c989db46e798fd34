// What a browser has and TypeScript does not know of.

interface Window { Plotly: any }

interface Uint8ArrayConstructor { fromBase64?(text: string): Uint8Array<ArrayBuffer> }
