using System.Globalization;
using System.Text.Json;

namespace PocketSam.Datasets;

/// <summary>Reads JSON values that may be missing or of another kind.</summary>
internal static class JsonValues
{
    /// <summary>A property; null if it is missing or null.</summary>
    public static JsonElement? Value(this JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    /// <summary>A string, or a number as text; null if it is neither.</summary>
    public static string? Text(this JsonElement element, string name) => element.Value(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.Text(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>A string; null if it is of another kind, or has unpaired surrogates.</summary>
    public static string? Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>An integer, as a number or a string; null if it is none.</summary>
    public static int? Number(this JsonElement element, string name)
        => double.TryParse(element.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number == (int)number ? (int)number : null;

    /// <summary>The elements of an array; empty if it is none.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement element, string name)
        => element.Value(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>An array of two finite numbers as a point; null if it is none.</summary>
    public static (double X, double Y)? Point(this JsonElement element)
        => element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 2
            && element[0].ValueKind == JsonValueKind.Number && element[1].ValueKind == JsonValueKind.Number
            && element[0].GetDouble() is var x && element[1].GetDouble() is var y && double.IsFinite(x) && double.IsFinite(y)
            ? (x, y) : null;
}
