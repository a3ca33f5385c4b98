/** Besides noise, this counts as flat: growth over the window below this part of the mean. */
const FLAT_PART = 0.02;
/** A slope counts as growth when it is this many standard errors above 0. */
const ERRORS = 3;

/**
 * Fits a line to samples taken at even times.
 *
 * The noise is that of the fit itself: the standard error of the slope, from the samples' distances to the line. Samples
 * of a heap are not independent of one another, so the error is widened by what is left of their number when the
 * correlation of neighbours (r) is taken off: n · (1 - r) / (1 + r). It is growth when the slope is over three such
 * errors, and the growth over the window over 2 % of the mean and over `least`.
 */
export function trendOf(samples, least) {
  const count = samples.length;
  const meanX = (count - 1) / 2;
  const mean = samples.reduce((sum, y) => sum + y, 0) / count;
  let sxx = 0;
  let sxy = 0;
  samples.forEach((y, x) => {
    sxx += (x - meanX) ** 2;
    sxy += (x - meanX) * (y - mean);
  });
  const slope = sxy / sxx;
  const rests = samples.map((y, x) => y - mean - slope * (x - meanX));
  const squares = rests.reduce((sum, rest) => sum + rest ** 2, 0);
  const products = rests.slice(1).reduce((sum, rest, index) => sum + rest * rests[index], 0);
  const r = squares === 0 ? 0 : Math.min(Math.max(products / squares, 0), 0.95);
  const error = Math.sqrt((squares / Math.max(count - 2, 1) / sxx) * ((1 + r) / (1 - r)));
  const growth = slope * (count - 1);
  const isFlat = slope <= ERRORS * error || growth <= Math.max(mean * FLAT_PART, least);
  return { slope, error, growth, isFlat };
}
