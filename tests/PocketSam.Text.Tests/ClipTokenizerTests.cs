using System.Text.Json;
using PocketSam.Tests;

namespace PocketSam.Text.Tests;

/// <summary>Ids against OpenAI's tokenizer without ftfy.</summary>
public sealed class ClipTokenizerTests
{
    [Theory]
    [InlineData("a photo of a fox", new[] { 49406, 320, 1125, 539, 320, 3240, 49407 })]
    [InlineData("A  Photo of  2 dogs' café!", new[] { 49406, 320, 1125, 539, 273, 3255, 262, 15304, 256, 49407 })]
    [InlineData("日本 naïve", new[] { 49406, 39121, 19277, 361, 1097, 35689, 563, 49407 })]
    [InlineData("", new[] { 49406, 49407 })]
    public void Ids_are_those_of_the_reference(string text, int[] ids) => Assert.Equal(ids, ClipTokenizer.Default.Encode(text));

    [Fact]
    public void All_golden_texts_have_the_ids_of_the_reference_without_ftfy()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(GoldenFiles.Require("clip/tokens.json")));
        foreach (JsonElement row in document.RootElement.GetProperty("rows").EnumerateArray())
        {
            JsonElement ids = row.TryGetProperty("ids_without_ftfy", out JsonElement without) ? without : row.GetProperty("ids");
            string text = row.GetProperty("text").GetString()!;
            Assert.True(
                ids.EnumerateArray().Select(id => id.GetInt32()).SequenceEqual(ClipTokenizer.Default.Encode(text)), JsonSerializer.Serialize(text));
        }
    }

    [Fact]
    public void A_smaller_vocabulary_has_the_first_merges()
    {
        using Checkpoint tiny = GoldenFiles.Read("clip/tiny");
        var tokenizer = new ClipTokenizer(640);
        Assert.Equal((638, 639), (tokenizer.StartToken, tokenizer.EndToken));
        string[] texts = JsonSerializer.Deserialize<string[]>(tiny.Metadata["texts"])!;
        float[] ids = tiny.Tensors["ids"].ToFloats();
        for (int i = 0; i < texts.Length; i++)
        {
            int[] own = tokenizer.Encode(texts[i]);
            Assert.Equal(ids[(i * 77)..((i + 1) * 77)].Select(id => (int)id), own.Concat(new int[77 - own.Length]));
        }
    }

    [Fact]
    public void What_is_too_long_is_cut_with_the_end_token_last()
    {
        int[] ids = ClipTokenizer.Default.Encode(string.Concat(Enumerable.Repeat("fox ", 1_000_000)), 10);
        Assert.Equal(10, ids.Length);
        Assert.Equal(49407, ids[^1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => ClipTokenizer.Default.Encode("fox", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClipTokenizer(100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClipTokenizer(50_000));
    }

    [Theory]
    [InlineData("&lt;&#39;&#x41;&eacute;&nbsp", "<'Aé\u00a0")]
    [InlineData("&ampx; &unknown; &#0; &#128; &#xD800;", "&x; &unknown; \ufffd € \ufffd")]
    [InlineData("AT&T", "AT&T")]
    public void Html_is_unescaped_as_Python_does(string text, string expected) => Assert.Equal(expected, TextCleaning.Unescape(text));

    [Theory]
    [InlineData("ΟΔΟΣ ΣΑΣ.", "οδος σας.")]
    [InlineData("İI", "i\u0307i")]
    public void Letters_become_small_as_in_Python(string text, string expected) => Assert.Equal(expected, TextCleaning.Lower(text));
}
