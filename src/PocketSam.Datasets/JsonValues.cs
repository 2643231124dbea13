using System.Globalization;
using System.Text.Json;

namespace PocketSam.Datasets;

/// <summary>Values of JSON that may be missing or of another kind.</summary>
internal static class JsonValues
{
    /// <summary>A property; null where there is none, or none that is anything.</summary>
    public static JsonElement? Value(this JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    /// <summary>A text or a number as text.</summary>
    public static string? Text(this JsonElement element, string name) => element.Value(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.Text(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>A text; null where it is none, or holds halves of characters.</summary>
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

    /// <summary>A whole number.</summary>
    public static int? Number(this JsonElement element, string name)
        => double.TryParse(element.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number == (int)number ? (int)number : null;

    /// <summary>The elements of a list; none where there is no list.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement element, string name)
        => element.Value(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A pair of finite numbers.</summary>
    public static (double X, double Y)? Point(this JsonElement element)
        => element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 2
            && element[0].ValueKind == JsonValueKind.Number && element[1].ValueKind == JsonValueKind.Number
            && element[0].GetDouble() is var x && element[1].GetDouble() is var y && double.IsFinite(x) && double.IsFinite(y)
            ? (x, y) : null;
}
