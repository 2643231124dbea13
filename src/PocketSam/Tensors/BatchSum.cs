namespace PocketSam.Tensors;

/// <summary>
/// Adds numbers up over all parts of a batch that several processes compute at the same time, in place. All of them call it
/// equally often, with as many numbers.
/// </summary>
internal delegate void BatchSum(Span<double> values);
