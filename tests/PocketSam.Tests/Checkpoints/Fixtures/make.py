"""Writes the checkpoints in this folder, with PyTorch 1.13, and expected.json, what they hold."""
import argparse, collections, datetime, json, pathlib
import numpy, torch

base = (torch.arange(24) - 5).float().view(4, 6) / 8
views = collections.OrderedDict(
    whole=base, transposed=base.t(), sliced=base[1:3, 2:5], columns=base[:, ::2], row=base[2], scalar=base[3, 5],
    permuted=torch.arange(24).float().view(2, 3, 4).permute(2, 0, 1),
    channels_last=torch.arange(24).float().view(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    half=base.half().t(), bfloat16=base.bfloat16()[:, 1:4], double=base.double(), empty=torch.zeros(0, 3),
    int64=torch.arange(-2, 4), int32=torch.arange(6, dtype=torch.int32).view(2, 3).t(),
    int16=torch.arange(-3, 3, dtype=torch.int16)[::2], int8=torch.arange(-2, 2, dtype=torch.int8),
    uint8=torch.arange(253, 256, dtype=torch.uint8), bool=torch.tensor([True, False, True]))
torch.save(views, 'views.pt')
torch.save(views, 'views-legacy.pth', _use_new_zipfile_serialization=False)

module = torch.nn.Linear(2, 2)
with torch.no_grad():
    module.weight.copy_(torch.tensor([[1., 2.], [3., 4.]]))
    module.bias.copy_(torch.tensor([5., 6.]))
optimizer = torch.optim.AdamW(module.parameters())
module(torch.ones(1, 2)).sum().backward()
optimizer.step()
options = argparse.Namespace(lr=0.1, out=pathlib.Path('runs'), when=datetime.datetime(2024, 1, 2), sizes={1, 2}, c=1j,
                             fixed=frozenset([1]), raw=b'abc', device=torch.device('cpu'), nothing=None, far=2**80)
training = {
    'epoch': 3, 'loss': torch.tensor(0.5), 'best': numpy.float64(0.5), 'history': numpy.arange(4),
    'counts': collections.Counter('aab'), 'defaults': collections.defaultdict(list), 'args': options,
    'size': torch.Size([1, 2]), 'optimizer': optimizer.state_dict(),
    'state_dict': {'module.' + key: value for key, value in module.named_parameters()},
}
for protocol in (2, 4, 5):
    torch.save(training, f'training-{protocol}.pt', pickle_protocol=protocol)
torch.save(module, 'module.pt')

json.dump({key: {'dtype': str(value.dtype)[6:], 'shape': list(value.shape), 'values': value.float().reshape(-1).tolist()}
           for key, value in views.items()}, open('expected.json', 'w'), separators=(',', ':'))
