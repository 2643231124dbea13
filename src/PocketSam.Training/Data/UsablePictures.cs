using System.Collections.Concurrent;

namespace PocketSam.Training.Data;

/// <summary>
/// Pictures of which some may turn out to be unusable while they are drawn: in the place of each comes the next. May be used
/// from several threads.
/// </summary>
/// <param name="name">What they belong to, for the message where none can be used.</param>
/// <param name="pathOf">From a picture's number to its file.</param>
/// <param name="failures">Takes those that cannot be used; null ends at the first.</param>
internal sealed class UsablePictures(string name, Func<int, string> pathOf, PictureFailures? failures)
{
    private readonly ConcurrentDictionary<int, string> _unusable = [];

    /// <summary>What is made of the first of the pictures that can be used.</summary>
    /// <param name="numbers">Of the pictures, in the order in which they stand in for each other.</param>
    /// <param name="make">Reads one.</param>
    /// <exception cref="DataFormatException">None can be used, or there are more failures than are allowed.</exception>
    public T Draw<T>(IEnumerable<int> numbers, Func<int, T> make)
    {
        string? reason = null;
        foreach (int number in numbers)
        {
            // Another thread may have found out.
            if (_unusable.TryGetValue(number, out string? known))
            {
                reason = known;
                continue;
            }

            try
            {
                return make(number);
            }
            catch (Exception e) when (failures is not null && e is IOException or UnauthorizedAccessException)
            {
                failures!.Add(pathOf(number), e.Message);
                reason = _unusable[number] = e.Message;
            }
        }

        throw new DataFormatException(reason ?? $"{name}: no picture can be used");
    }
}
