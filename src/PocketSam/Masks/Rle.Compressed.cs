using System.Text;

namespace PocketSam;

/// <content>COCO's compressed string.</content>
public sealed partial class Rle
{
    private const int BitsPerGroup = 5;
    private const int MaxGroups = 7; // 35 bits hold any difference of two counts of 31 bits
    private const int ValueMask = 0x1f;
    private const int SignBit = 0x10;
    private const int MoreFlag = 0x20;
    private const char FirstCharacter = '0';
    private const char LastCharacter = 'o';

    /// <summary>Decodes COCO's compressed string.</summary>
    /// <param name="compressed">The string <c>counts</c> of a COCO segmentation.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <exception cref="FormatException">A character is not one of the 64 used, a number is cut off or too long, a run
    /// is negative, or the runs do not add up to the picture.</exception>
    public static Rle FromCompressed(string compressed, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        int pixels = CountPixels(height, width);
        var counts = new List<int>(compressed.Length / 2);
        int total = 0;
        for (int position = 0; position < compressed.Length;)
        {
            long run = ReadNumber(compressed, ref position);
            if (counts.Count > 2)
                run += counts[^2];
            total = AddRun(total, run, counts.Count, pixels);
            counts.Add((int)run);
        }

        CheckTotal(total, pixels);
        return new Rle(height, width, [.. counts]);
    }

    /// <summary>Encodes COCO's compressed string, character for character as <c>pycocotools</c> does.</summary>
    public string ToCompressed()
    {
        var text = new StringBuilder(2 * _counts.Length);
        for (int i = 0; i < _counts.Length; i++)
        {
            int rest = i > 2 ? _counts[i] - _counts[i - 2] : _counts[i];
            bool more;
            do
            {
                int group = rest & ValueMask;
                rest >>= BitsPerGroup;
                more = rest != ((group & SignBit) != 0 ? -1 : 0);
                text.Append((char)(FirstCharacter + (more ? group | MoreFlag : group)));
            }
            while (more);
        }

        return text.ToString();
    }

    private static long ReadNumber(string text, ref int position)
    {
        int start = position;
        long value = 0;
        for (int shift = 0; shift < MaxGroups * BitsPerGroup; shift += BitsPerGroup)
        {
            if (position == text.Length)
                throw new FormatException($"run-length string: the number at character {start} is cut off");
            char character = text[position];
            if (character is < FirstCharacter or > LastCharacter)
            {
                throw new FormatException(
                    $"run-length string: character {position} is U+{(int)character:X4}, not one of '0' to 'o'");
            }

            position++;
            int group = character - FirstCharacter;
            value |= (long)(group & ValueMask) << shift;
            if ((group & MoreFlag) == 0)
                return (group & SignBit) != 0 ? value | -1L << (shift + BitsPerGroup) : value;
        }

        throw new FormatException(
            $"run-length string: the number at character {start} has more than {MaxGroups} digits");
    }
}
