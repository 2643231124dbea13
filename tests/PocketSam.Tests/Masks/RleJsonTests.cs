using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Tests.Masks;

public partial class RleJsonTests
{
    [Fact]
    public void Both_forms_are_written_and_read()
    {
        Rle rle = Rle.Encode(MaskSamples.Parse("..#", "#.#"));

        string compressed = Write(rle, compressed: true), plain = Write(rle, compressed: false);

        Assert.Equal("""{"size":[2,3],"counts":"1121"}""", compressed);
        Assert.Equal("""{"size":[2,3],"counts":[1,1,2,2]}""", plain);
        Assert.Equal(compressed, JsonSerializer.Serialize(rle, RleJson.Default.Rle));
        foreach (string json in (string[])[compressed, plain, """{"x":[{}],"counts":[1,1,2,2],"size":[2,3]}"""])
        {
            Rle back = Read(json);
            Assert.Equal((2, 3), (back.Height, back.Width));
            Assert.Equal(rle.Counts, back.Counts);
        }
    }

    [Theory]
    [InlineData("[]", "run-length encoding: an object with size and counts")]
    [InlineData("""{"counts":"6"}""", "run-length encoding: size is a list of two whole numbers")]
    [InlineData("""{"size":[2,0],"counts":"6"}""", "run-length encoding: size is a list of two whole numbers")]
    [InlineData("""{"size":[2,"3"],"counts":"6"}""", "run-length encoding: size is a list of two whole numbers")]
    [InlineData("""{"size":[2,3]}""", "run-length encoding: counts is missing")]
    [InlineData("""{"size":[2,3],"counts":5}""", "run-length encoding: counts is a string or a list")]
    [InlineData("""{"size":[2,3],"counts":[5.5]}""", "run-length encoding: counts is a string or a list")]
    [InlineData("""{"size":[2,3],"counts":[5]}""", "run-length encoding: the runs add up to 5")]
    [InlineData("""{"size":[2,3],"counts":"~"}""", "run-length string: character 0")]
    [InlineData("""{"size":[2000000000,3],"counts":"6"}""", "")]
    public void What_is_wrong_is_told(string json, string message)
        => Assert.StartsWith(message, Assert.Throws<JsonException>(() => Read(json)).Message);

    private static Rle Read(string json) => JsonSerializer.Deserialize(json, RleJson.Default.Rle)!;

    private static string Write(Rle rle, bool compressed)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(
            bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            rle.WriteTo(writer, compressed);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    [JsonSerializable(typeof(Rle))]
    private sealed partial class RleJson : JsonSerializerContext;
}
