using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PocketSam.Imaging;

namespace PocketSam.Cli;

/// <summary>Options that several verbs share, and their parsers.</summary>
internal static class CommonOptions
{
    /// <summary><c>--model</c></summary>
    public static Option<string> Model() => new("--model")
    {
        Description = $"'{Sam.DefaultName}' is fast, '{Sam.QualityName}' finds better masks; a name of 'models' that was pulled; or a file",
        HelpName = $"{Sam.DefaultName}|{Sam.QualityName}|NAME|FILE",
        DefaultValueFactory = _ => Sam.PreferredName,
    };

    /// <summary><c>--image-size</c></summary>
    public static Option<int?> ImageSize() => InputSize("--image-size", "model");

    /// <summary><c>--min-region</c></summary>
    public static Option<double?> MinRegion() => Share(
        "--min-region", "Fill holes and drop islands smaller than this share of their mask, for instance 0.01 (default: 0, none)");

    /// <summary>An option for a number from 0 to 1; null if it is not given.</summary>
    public static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description, HelpName = "0 ... 1", CustomParser = result => ReadNumber(result, 1),
    };

    /// <summary>Parses a number from 0 to <paramref name="most"/>; on failure adds an error and returns null.</summary>
    public static double? ReadNumber(ArgumentResult result, double most)
    {
        string text = result.Tokens[0].Value, name = ((OptionResult)result.Parent!).Option.Name;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number >= 0 && number <= most)
        {
            return number;
        }

        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} {text}: expected a number from 0 to {most}"));
        return null;
    }

    /// <summary>An option for the input size of one of a verb's models.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="model">The model, in words for the help.</param>
    public static Option<int?> InputSize(string name, string model) => new(name)
    {
        Description = $"Longest side of the {model}'s input, a multiple of 64, of 16 on DINOv2 (default: the {model}'s own)",
        HelpName = "N",
        CustomParser = result =>
        {
            try
            {
                int? size = ReadNumber(result, 0, int.MaxValue);
                if (size is { } value)
                    SamConfig.ValidateImageSize(value);
                return size;
            }
            catch (ArgumentException e)
            {
                result.AddError($"{name}: {e.Message}");
                return null;
            }
        },
    };

    /// <summary><c>--max-megapixels</c></summary>
    public static Option<int?> MaxMegapixels() => Number(
        "--max-megapixels", $"Largest picture in millions of pixels (default: {ImageFile.MaxPixels / 1_000_000})", least: 1, most: 500);

    /// <summary>Options for reading pictures of at most this many megapixels; null for the default.</summary>
    public static ImageReadOptions Reading(int? maxMegapixels)
        => new() { MaxPixels = maxMegapixels * 1_000_000 ?? ImageFile.MaxPixels };

    /// <summary>An option for an integer within a range; null if it is not given and has no default.</summary>
    public static Option<int?> Number(
        string name, string description, int least, int? byDefault = null, int most = int.MaxValue)
    {
        var option = new Option<int?>(name)
        {
            Description = description, HelpName = "N", CustomParser = result => ReadNumber(result, least, most),
        };
        if (byDefault is not null)
            option.DefaultValueFactory = _ => byDefault;
        return option;
    }

    private static int? ReadNumber(ArgumentResult result, int least, int most)
    {
        string text = result.Tokens[0].Value;
        string name = ((OptionResult)result.Parent!).Option.Name;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            result.AddError($"{name} {text}: expected a whole number");
        else if (number < least)
            result.AddError($"{name} {text}: must be at least {least}");
        else if (number > most)
            result.AddError($"{name} {text}: must be at most {most}");
        else
            return number;
        return null;
    }

    /// <summary>
    /// Turns a <see cref="FormatException"/> of <paramref name="parse"/> into a usage error of the option.
    /// </summary>
    public static void Check<T>(Option<T> option, Action<OptionResult, string> parse) => option.Validators.Add(result =>
    {
        try
        {
            foreach (Token token in result.Tokens)
                parse(result, token.Value);
        }
        catch (FormatException e)
        {
            result.AddError($"{option.Name}: {e.Message}");
        }
    });
}
