namespace PocketSam.Tensors;

/// <summary>
/// Sums values over all processes that compute parts of one batch, in place. Every process calls it equally often, with
/// the same number of values.
/// </summary>
internal delegate void BatchSum(Span<double> values);
