/** The operations of TensorFlow.js; loaded on demand, because most users of the library never need them. */
export type TensorLibrary = typeof import('@tensorflow/tfjs-core');
