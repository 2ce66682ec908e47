"""Analytics 分析: counts. It hears everything, states nothing, and knows no person.

Every figure can be traced to the events it came from, and every table be built anew from them.
"""
