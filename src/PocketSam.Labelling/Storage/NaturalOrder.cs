using System.Text;

namespace PocketSam.Labelling.Storage;

/// <summary>The order in which people count: <c>2.jpg</c> before <c>10.jpg</c>, whatever the case.</summary>
internal static class NaturalOrder
{
    private const int Digits = 20;

    /// <summary>The name as it is searched in: databases fold other cases than those of ASCII each in their own way, if at all.</summary>
    public static string Fold(string name) => name.ToLowerInvariant();

    /// <summary>A text whose order by bytes is that of the name: numbers have zeros before them.</summary>
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
