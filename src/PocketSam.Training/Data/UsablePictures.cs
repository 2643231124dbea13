using System.Collections.Concurrent;

namespace PocketSam.Training.Data;

/// <summary>
/// Draws pictures of which some may be unusable: the next picture replaces each of those. Thread-safe.
/// </summary>
/// <param name="name">Name of the source, for the message if no picture can be used.</param>
/// <param name="pathOf">Returns the path of the picture of a number.</param>
/// <param name="failures">Receives pictures that cannot be used; if null, the first one throws.</param>
internal sealed class UsablePictures(string name, Func<int, string> pathOf, PictureFailures? failures)
{
    private readonly ConcurrentDictionary<int, string> _unusable = [];

    /// <summary>All numbers below <paramref name="count"/>, beginning with <paramref name="start"/> modulo it.</summary>
    public static IEnumerable<int> Cycle(int count, ulong start)
    {
        int first = (int)(start % (ulong)count);
        return Enumerable.Range(0, count).Select(i => (first + i) % count);
    }

    /// <summary>The result of the first picture that can be used.</summary>
    /// <param name="numbers">Numbers of the pictures, in the order in which they replace each other.</param>
    /// <param name="make">Reads the picture of a number.</param>
    /// <exception cref="DataFormatException">
    /// No picture can be used, or there are more failures than allowed.
    /// </exception>
    public T Draw<T>(IEnumerable<int> numbers, Func<int, T> make)
    {
        string? reason = null;
        foreach (int number in numbers)
        {
            // Another thread may have found it unusable.
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
