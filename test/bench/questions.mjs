const COUNT = 4_096;

/** The questions: 4,096 texts of 32 ASCII characters that differ within the first 8, so that a mixed-up answer shows. */
export const questions = Array.from({ length: COUNT }, (_, index) => {
  const text = `${String(index).padStart(8, '0')} abcdefghijklmnopqrstuvw`;
  // A concatenated text is a tree until it is first read. All contenders get it flat.
  return Buffer.from(text, 'latin1').latin1Slice(0, 32);
});
