using System.Text;

namespace PocketSam.Labelling.Storage;

/// <summary>Case-insensitive order of names with numbers by value: <c>2.jpg</c> before <c>10.jpg</c>.</summary>
internal static class NaturalOrder
{
    private const int Digits = 20;

    /// <summary>
    /// The name in lower case, for searches. Databases differ in how they convert characters other than ASCII.
    /// </summary>
    public static string Fold(string name) => name.ToLowerInvariant();

    /// <summary>
    /// A sort key: its order by bytes is the order of the names. Numbers are padded with zeros to 20 digits.
    /// </summary>
    public static string KeyOf(string name)
    {
        var key = new StringBuilder(name.Length + Digits);
        for (int i = 0; i < name.Length;)
        {
            if (!char.IsAsciiDigit(name[i]))
            {
                key.Append(char.ToLowerInvariant(name[i++]));
                continue;
            }

            int end = i;
            while (end < name.Length && char.IsAsciiDigit(name[end]))
                end++;
            ReadOnlySpan<char> number = name.AsSpan(i, end - i).TrimStart('0');
            key.Append('0', Math.Max(0, Digits - number.Length)).Append(number);
            i = end;
        }

        return key.ToString();
    }
}
