using System.Globalization;
using System.Net;
using System.Text;
using PocketSam.Imaging;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Predictions are those of the library, and what is asked wrongly is refused.</summary>
public sealed class PredictTests
{
    public static string Click(double x, double y, string format = "rle") => string.Create(
        CultureInfo.InvariantCulture, $$"""{"objects":[{"points":[{"x":{{x}},"y":{{y}}}]}],"format":"{{format}}"}""");

    [Fact]
    public async Task AnswersAreThoseOfTheLibrary()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync(ImageFile.EncodePng(Service.Picture));
        PredictResponse response = await service.PredictAsync(
            image.Id,
            """
            {"objects":[{"points":[{"x":20,"y":30,"label":1}]},
                        {"points":[{"x":60,"y":20.5},{"x":5,"y":5,"label":0}],"box":[40,2,88,58]},
                        {"box":[40,2,88,58],"multimask":true}]}
            """);

        using ImageEmbedding embedding = Service.Model.Encode(Service.Picture);
        Prediction[] expected =
        [
            Service.Model.Predict(embedding, Prompt.Point(20, 30)),
            Service.Model.Predict(embedding, Prompt.Point(60, 20.5).WithPoint(5, 5, false).WithBox(40, 2, 88, 58)),
            Service.Model.Predict(embedding, Prompt.Box(40, 2, 88, 58), multimask: true),
        ];
        Assert.Equal(3, response.Objects.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            PredictResponse.ObjectMasks actual = response.Objects[i];
            Assert.Equal(expected[i].Masks.Count, actual.Candidates.Count);
            Assert.Equal(expected[i].Best.PredictedIou, actual.Candidates[actual.Best].PredictedIou);
            foreach ((Mask mask, MaskDocument document) in expected[i].Masks.Zip(actual.Candidates))
            {
                Assert.Equal(mask.ToRle().ToCompressed(), document.Rle!.ToCompressed());
                Assert.Equal([mask.Box.X, mask.Box.Y, mask.Box.Right, mask.Box.Bottom], document.Box);
                Assert.Equal(mask.Area, document.Area);
                Assert.Equal(mask.StabilityScore, document.StabilityScore);
                Assert.Null(document.Png);
            }
        }
    }

    [Fact]
    public async Task ACloserLookIsThatOfTheLibrary()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync(ImageFile.EncodePng(Service.Picture));
        PredictResponse response = await service.PredictAsync(
            image.Id,
            """
            {"objects":[{"box":[40,20,60,38],"zoom":true},{"box":[40,20,60,38]},{"points":[{"x":20,"y":30}],"zoom":true,"multimask":true}]}
            """);

        using ImageEmbedding embedding = Service.Model.Encode(Service.Picture);
        Prediction[] expected =
        [
            Service.Model.PredictZoomed(Service.Picture, embedding, Prompt.Box(40, 20, 60, 38)),
            Service.Model.Predict(embedding, Prompt.Box(40, 20, 60, 38)),
            Service.Model.PredictZoomed(Service.Picture, embedding, Prompt.Point(20, 30), multimask: true),
        ];
        Assert.Equal(expected.Length, response.Objects.Count);
        foreach ((Prediction wanted, PredictResponse.ObjectMasks actual) in expected.Zip(response.Objects))
        {
            Assert.Equal(wanted.Best.PredictedIou, actual.Candidates[actual.Best].PredictedIou);
            Assert.Equal(wanted.Masks.Select(mask => mask.ToRle().ToCompressed()), actual.Candidates.Select(mask => mask.Rle!.ToCompressed()));
            Assert.Equal(wanted.Masks.Select(mask => mask.StabilityScore), actual.Candidates.Select(mask => mask.StabilityScore));
        }
    }

    [Fact]
    public async Task PngsHoldTheAreaOfTheBox()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        PredictResponse asRle = await service.PredictAsync(image.Id, Click(20, 30));
        PredictResponse asPng = await service.PredictAsync(image.Id, Click(20, 30, "png"));
        foreach ((MaskDocument rle, MaskDocument png) in asRle.Objects[0].Candidates.Zip(asPng.Objects[0].Candidates))
        {
            Assert.Null(png.Rle);
            if (rle.Area == 0)
            {
                Assert.Null(png.Png);
                continue;
            }

            // White is the mask, and what is transparent is black.
            RgbImage stencil = ImageFile.Decode(png.Png, "stencil");
            var box = new PixelBox(rle.Box[0], rle.Box[1], rle.Box[2] - rle.Box[0], rle.Box[3] - rle.Box[1]);
            Assert.Equal((box.Width, box.Height), (stencil.Width, stencil.Height));
            byte[] inside = [.. Enumerable.Range(0, box.Width * box.Height).Select(i => stencil.Pixels[3 * i])];
            Assert.True(BinaryMask.FromBytes(box.Width, box.Height, inside).ContentEquals(rle.Rle!.Crop(box)));
        }
    }

    [Fact]
    public void ACroppedMaskIsTheMaskInItsBox()
    {
        using ImageEmbedding embedding = Service.Model.Encode(Service.Draw(333, 181));
        Prompt[] prompts = [Prompt.Point(20, 30), Prompt.Box(40, 2, 300, 170), Prompt.Point(60, 20).WithPoint(5, 5, false)];
        IReadOnlyList<Prediction> whole = Service.Model.Predict(embedding, prompts, multimask: true);
        IReadOnlyList<CroppedPrediction> cropped = Service.Model.PredictCropped(embedding, prompts, multimask: true);
        (Mask Whole, CroppedMask Cropped)[] masks = [.. whole.Zip(cropped).SelectMany(pair => pair.First.Masks.Zip(pair.Second.Masks))];
        Assert.Equal(9, masks.Length);
        Assert.Contains(masks, pair => pair.Whole.Area > 0);
        foreach ((Mask mask, CroppedMask part) in masks)
        {
            Assert.Equal((mask.Box, mask.Area), (part.Box, part.Area));
            Assert.Equal((mask.PredictedIou, mask.StabilityScore), (part.PredictedIou, part.StabilityScore));
            Assert.Equal(mask.ToRle().ToCompressed(), part.ToRle().ToCompressed());
            Assert.True(mask.Area == 0 ? part.Bits is null : mask.Crop().ContentEquals(part.Bits!));
        }
    }

    [Fact]
    public async Task AMaskCanBeRefined()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        var mask = new BinaryMask(90, 60);
        mask.Fill(new PixelBox(10, 10, 30, 30));
        string counts = Rle.Encode(mask).ToCompressed();
        string rle = $$"""{"size":[60,90],"counts":"{{counts.Replace("\\", "\\\\")}}"}""";
        PredictResponse response = await service.PredictAsync(
            image.Id, $$"""{"objects":[{"points":[{"x":20,"y":20}],"mask":{{rle}}}]}""");
        Assert.Single(response.Objects[0].Candidates);
    }

    [Theory]
    [InlineData("rle")]
    [InlineData("png")]
    public async Task SpecksAreRemovedWhereAskedFor(string format)
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        using ImageEmbedding photo = Service.Model.Encode(ImageFile.Decode(Service.Jpeg, "jpeg"));
        Prediction plain = Service.Model.Predict(photo, Prompt.Point(50, 20)), expected = plain.RemoveSmallRegions(0.3);
        Assert.NotEqual(plain.Masks.Select(mask => mask.Area), expected.Masks.Select(mask => mask.Area));
        PredictResponse response = await service.PredictAsync(
            image.Id, $$"""{"format":"{{format}}","objects":[{"points":[{"x":50,"y":20}],"min_region":0.3}]}""");
        Assert.All(expected.Masks.Zip(response.Objects[0].Candidates), pair =>
        {
            PixelBox box = pair.First.Box;
            Assert.Equal(pair.First.Area, pair.Second.Area);
            Assert.Equal([box.X, box.Y, box.Right, box.Bottom], pair.Second.Box);
            if (format == "rle")
                Assert.Equal(pair.First.ToRle().ToCompressed(), pair.Second.Rle!.ToCompressed());
            else
                Assert.Equal((box.Width, box.Height), ImageFile.ReadSize(pair.Second.Png, "png"));
        });
    }

    [Theory]
    [InlineData("""{"objects":[{"points":[{"x":1,"y":5}],"min_region":1.5}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"points":[{"x":90,"y":5}]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"points":[{"x":-1,"y":5}]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"points":[{"x":1e999,"y":5}]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"points":[{"x":1,"y":5,"label":2}]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"box":[1,2,3]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"box":[30,2,3,20]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"box":[3,2,3,20]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"box":[3,60,30,61]}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"mask":{"size":[61,90],"counts":[5490]}}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"mask":{"size":[60,90],"counts":[5400]}}]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"mask":{"size":[60,90],"counts":[5]}}]}""", 400, "invalid_json")]
    [InlineData("""{"objects":[{"mask":{"size":[60000,90000],"counts":"0"}}]}""", 400, "invalid_json")]
    [InlineData("""{"objects":[{"points":[{"x":1,"y":5}]}],"format":"gif"}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"points":[{"x":1}]}]}""", 400, "invalid_json")]
    [InlineData("""{"objects":[{"points":[{"x":"1","y":2}]}]}""", 400, "invalid_json")]
    [InlineData("""{"objects":[{"point":[{"x":1,"y":2}]}]}""", 400, "invalid_json")]
    [InlineData("""{"objects":null}""", 400, "invalid_json")]
    [InlineData("""{"objects":[null]}""", 422, "invalid_prompt")]
    [InlineData("""{"objects":[{"points":[null]}]}""", 422, "invalid_prompt")]
    [InlineData("{}", 400, "invalid_json")]
    [InlineData("[]", 400, "invalid_json")]
    [InlineData("null", 400, "invalid_json")]
    [InlineData("", 400, "invalid_json")]
    [InlineData("{", 400, "invalid_json")]
    public async Task WhatIsAskedWronglyIsRefused(string json, int status, string code)
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        string detail = await service.PostAsync($"{Service.Images}/{image.Id}/predict", json).IsRefusedAsync(status, code);
        Assert.DoesNotContain("System.", detail);
        Assert.DoesNotContain("PocketSam", detail);
    }

    [Fact]
    public async Task LimitsAreKept()
    {
        await using Service service = await Service.StartAsync(options => (options.MaxObjects, options.MaxPrompts) = (2, 3));
        string path = $"{Service.Images}/{(await service.UploadReadyAsync()).Id}/predict";
        const string Point = """{"x":1,"y":1}""";
        await service.PostAsync(path, $$"""{"objects":[{"points":[{{Point}},{{Point}},{{Point}},{{Point}}]}]}""")
            .IsRefusedAsync(422, "invalid_prompt");
        string one = $$"""{"points":[{{Point}}]}""";
        await service.PostAsync(path, $$"""{"objects":[{{one}},{{one}},{{one}}]}""").IsRefusedAsync(422, "invalid_prompt");
        await service.PostAsync(path, new StringBuilder("{\"objects\":[").Append(' ', 5 << 20).Append("]}").ToString())
            .IsRefusedAsync(413, "body_too_large");
        await service.Client.PostAsync(path, new StringContent("{}", Encoding.UTF8, "text/plain")).IsRefusedAsync(415, "not_json");
    }

    [Fact]
    public async Task APictureThatIsNotEncodedYetTakesNoPrompts()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument image = await service.UploadAsync();
        await service.PostAsync($"{Service.Images}/{image.Id}/predict", Click(1, 1)).IsRefusedAsync(409, "not_ready");
        encoder.Open();
    }

    [Fact]
    public async Task ManyClientsAtOnceAreAllAnswered()
    {
        await using Service service = await Service.StartAsync(options => options.RequestsPerSecond = 10_000);
        ImageDocument image = await service.UploadReadyAsync();
        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 64).Select(
            i => service.PostAsync($"{Service.Images}/{image.Id}/predict", Click(i, i / 2))));
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }
}
